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
