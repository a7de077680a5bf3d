--! Previous: sha1:6caa3469e4d4b40f791acadc30ea4523126d3606
--! Hash: sha1:257143b8a71ed8626f31dc58bdd31d597801cc4c
--! Message: changes are found in the order of their index

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
-- By index and in its order, whatever is known of the table: no more is read than is given.
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
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
