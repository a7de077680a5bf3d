--! Previous: sha1:0cd14bcd3fd7e6748daaf4c8ced7ab11170e00bc
--! Hash: sha1:6caa3469e4d4b40f791acadc30ea4523126d3606
--! Message: subscriptions

-- What has changed, for those who watch. Events that were never changed, and one-off ones that are published, are not in the index.

create index events_changed on scheduler_private.events (updated_at) where (due_at is not null or series_id is not null) and updated_at > created_at;
--! Included tables/watches.sql
create table scheduler_private.watches (
  only_row boolean primary key default true constraint watches_has_one_row check (only_row),
  watched_until timestamptz not null default '-infinity'
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
alter table scheduler_private.watches owner to scheduler_owner;
insert into scheduler_private.watches default values;
comment on table scheduler_private.watches is 'Until when somebody wants to be notified of changes of events: NOTIFY is not free, and mostly nobody does.';
grant select, update on scheduler_private.watches to scheduler_engine;
--! EndIncluded tables/watches.sql
--! Included engine/watch_changes.sql
create or replace function scheduler_private.watch_changes() returns void
language sql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
  update watches set watched_until = clock_timestamp() + interval '15 seconds'
$$;
alter function scheduler_private.watch_changes() owner to scheduler_engine;
revoke all on function scheduler_private.watch_changes() from public;
grant execute on function scheduler_private.watch_changes() to scheduler_api;
comment on function scheduler_private.watch_changes() is 'For 15 seconds from now every change of events is notified on the channel scheduler_changes. A statement that began before is not.';
--! EndIncluded engine/watch_changes.sql
--! Included engine/change_marks.sql
create or replace function scheduler_private.change_marks(p_ids text[])
returns table (id text, mark text)
language sql stable security definer
set search_path = scheduler_private, pg_temp
set enable_seqscan = off
as $$
  select e.id, concat_ws(' ', e.xmin, s.xmin)
  from unnest(p_ids) as k (id)
  join events e on e.id = k.id
  left join series s on s.event_id = e.id
$$;
alter function scheduler_private.change_marks(text[]) owner to scheduler_engine;
revoke all on function scheduler_private.change_marks(text[]) from public;
grant execute on function scheduler_private.change_marks(text[]) to scheduler_api;
comment on function scheduler_private.change_marks(text[]) is 'Of events and series a mark that is another one after every change, and that says nothing of what changed.';
--! EndIncluded engine/change_marks.sql
--! Included engine/changes_after.sql
create or replace function scheduler_private.changes_after(
  p_at timestamptz,
  p_id text,
  p_topics text[],
  p_limit integer,
  out ids text[],
  out topics text[],
  out changed_at text[],
  out last_at text,
  out last_id text,
  out looked_at integer,
  out horizon text
)
language sql stable security definer
set search_path = scheduler_private, pg_temp
-- By index and in its order, however small the table was when the plan was made.
set enable_seqscan = off
set enable_bitmapscan = off
as $$
  with place as (
    select coalesce(p_at, now() - interval '2 seconds') as at
  ), changed as (
    select f.* from place p cross join lateral (
      select e.id, e.destination_topic, e.updated_at from events e
      where e.due_at is null and e.series_id is null and (e.updated_at, e.id) > (p.at, p_id)
      order by e.updated_at, e.id limit p_limit
    ) f
    union all
    select f.* from place p cross join lateral (
      select e.id, e.destination_topic, e.updated_at from events e
      where (e.due_at is not null or e.series_id is not null) and e.updated_at > e.created_at
        and (e.updated_at, e.id) > (p.at, p_id)
      order by e.updated_at, e.id limit p_limit
    ) f
    order by updated_at, id limit p_limit
  )
  select
    coalesce(array_agg(c.id order by c.updated_at, c.id) filter (where c.destination_topic = any (p_topics)), '{}'),
    coalesce(array_agg(c.destination_topic order by c.updated_at, c.id) filter (where c.destination_topic = any (p_topics)), '{}'),
    coalesce(array_agg(c.updated_at::text order by c.updated_at, c.id) filter (where c.destination_topic = any (p_topics)), '{}'),
    max(c.updated_at)::text,
    (array_agg(c.id order by c.updated_at desc, c.id desc))[1],
    count(*)::integer,
    (now() - interval '2 seconds')::text
  from changed c
$$;
alter function scheduler_private.changes_after(timestamptz, text, text[], integer) owner to scheduler_engine;
revoke all on function scheduler_private.changes_after(timestamptz, text, text[], integer) from public;
grant execute on function scheduler_private.changes_after(timestamptz, text, text[], integer) to scheduler_api;
comment on function scheduler_private.changes_after(timestamptz, text, text[], integer) is 'Ids of changed events of some topics in the order of their changes, whoever may see them: for the API, which reads them again for each subscriber. Looks at no more than p_limit changes after a time and an id, and says where it ended; looked_at = p_limit: there may be more. p_at null, and horizon: two seconds ago, for transactions become visible in another order than their times.';
--! EndIncluded engine/changes_after.sql
--! Included triggers/announce_changes.sql
create or replace function scheduler_private.announce_changes() returns trigger
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  if (select w.watched_until > now() from watches w) then
    perform pg_notify('scheduler_changes', n.lane::text) from (select distinct lane from new_rows) n;
  end if;
  return null;
end
$$;
alter function scheduler_private.announce_changes() owner to scheduler_engine;
revoke all on function scheduler_private.announce_changes() from public;
comment on function scheduler_private.announce_changes() is 'Trigger, once per statement: while somebody watches, notifies the lanes whose events changed, and nothing of the events. Postgres sends a lane once per transaction: a confirmed batch is one notification.';

create trigger announce_changes after update on scheduler_private.events
  referencing new table as new_rows
  for each statement execute function scheduler_private.announce_changes();
alter table scheduler_private.events enable always trigger announce_changes;
--! EndIncluded triggers/announce_changes.sql
