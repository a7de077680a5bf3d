create or replace function scheduler_private.lock_series_of(p_ids text[]) returns text[]
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_locked text[];
begin
  select coalesce(array_agg(s.id), '{}') into v_locked from (
    select e.id from events e where e.id = any (series_named(p_ids)) for no key update skip locked
  ) s;
  return (
    select array_agg(k.id order by k.i) from unnest(p_ids) with ordinality as k (id, i)
    where length(k.id) = 36 or left(k.id, 36) = any (v_locked)
  );
end
$$;
alter function scheduler_private.lock_series_of(text[]) owner to scheduler_engine;
revoke all on function scheduler_private.lock_series_of(text[]) from public;
comment on function scheduler_private.lock_series_of(text[]) is 'Locks the series of the exceptions among these events, without waiting. Returns the events without those whose series somebody else holds; null: none is left.';
