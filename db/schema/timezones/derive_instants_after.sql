create or replace function scheduler_private.derive_instants_after(p_id text, p_limit integer) returns text
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_ids text[];
begin
  select array_agg(l.id order by l.id) into v_ids from (
    select e.id from events e
    where e.id > p_id and e.due_at is not null and e.scheduled_local is not null
    order by e.id
    limit p_limit
    for no key update
  ) l;
  with derived as (
    select e.id, i.starts, i.ends
    from events e
    cross join lateral (select coalesce(nullif(e.overlap, 'both'), 'first') as overlap) o
    cross join lateral (
      select resolve_local(e.scheduled_local, e.timezone, case when e.scheduled_second_pass then 'last' else o.overlap end) as starts,
        case when e.ends_local is null then e.ends_instant
          else resolve_local(e.ends_local, e.timezone, case when e.ends_second_pass then 'last' else o.overlap end) end as ends
    ) i
    where e.id = any (v_ids) and (i.starts, i.ends) is distinct from (e.scheduled_instant, e.ends_instant)
      -- What is being published is on its way.
      and not exists (select from batches b where b.lane = e.lane and e.id = any (b.event_ids))
  )
  update events e set
    scheduled_instant = d.starts,
    ends_instant = case when d.ends is not null then greatest(d.starts, d.ends) end,
    due_at = case when e.recurs or e.retry > 0 or not isfinite(e.due_at) then greatest(e.due_at, d.starts) else d.starts end
  from derived d where e.id = d.id;
  update events e set expand_by = least(e.expand_by, e.due_at, clock_timestamp()) where e.id = any (v_ids) and e.recurs;
  return v_ids[cardinality(v_ids)];
end
$$;
alter function scheduler_private.derive_instants_after(text, integer) owner to scheduler_engine;
revoke all on function scheduler_private.derive_instants_after(text, integer) from public;
grant execute on function scheduler_private.derive_instants_after(text, integer) to scheduler_owner, scheduler_operator;
comment on function scheduler_private.derive_instants_after(text, integer) is 'Derives the instants of the next p_limit scheduled events after an id from their wall times again; series among them are marked for expansion. Returns the last id, null when there are no more.';
