create or replace function scheduler_private.find_events(
  p_after text,
  p_limit integer,
  p_status scheduler.event_status default null,
  p_topic text default null,
  p_from timestamptz default null,
  p_to timestamptz default null,
  p_recurrence_id text default null,
  out ids text[],
  out next text
)
language plpgsql stable
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  c_rows_looked_at constant integer := 10000;
  c_page_bytes constant bigint := 8 * 1024 * 1024;
  v_sees_all constant boolean := identity_role() in ('operator', 'reader');
  v_candidates text;
  v_looked_at bigint;
  v_last text;
begin
  -- Row level security takes away what the caller may not see before a limit counts: so that the work has
  -- a bound, what is looked at is the caller's to see from the beginning.
  v_candidates := 'select e.id, e.status, e.destination_topic, e.scheduled_instant from events e where e.id > $1';
  if p_recurrence_id is not null then
    -- Ids of exceptions begin with their series'; a backtick comes after an underscore.
    v_candidates := v_candidates || ' and e.id > $6 || ''_'' and e.id < $6 || ''`''';
  elsif p_status in ('FAILED', 'CANCELED') and (v_sees_all or few_have(p_status, c_rows_looked_at)) then
    v_candidates := v_candidates || format(' and e.status = %L', p_status);
  elsif p_status = 'SCHEDULED' and few_have(p_status, c_rows_looked_at) then
    v_candidates := replace(v_candidates, 'events e', '(select * from events where due_at is not null offset 0) e');
  elsif not v_sees_all then
    -- Not by a join, which might read all of events.
    v_candidates := 'select c.event_id as id, e.status, e.destination_topic, e.scheduled_instant
      from event_contents c cross join lateral (select * from events where id = c.event_id offset 0) e
      where c.owner = identity() and c.event_id > $1';
  end if;
  v_candidates := format('%s order by id limit %s', v_candidates, c_rows_looked_at);
  ids := '{}';
  if p_recurrence_id is not null and not exists (select from events e where e.id = p_recurrence_id) then
    return;
  end if;

  execute format($sql$
    select coalesce(array_agg(f.id order by f.id), '{}') from (
      select c.id from (%s) c
      where ($2 is null or c.status = $2) and ($3 is null or c.destination_topic = $3)
        and ($4 is null or c.scheduled_instant >= $4) and ($5 is null or c.scheduled_instant < $5)
      order by c.id limit $7
    ) f $sql$, v_candidates)
  into ids using p_after, p_status, p_topic, p_from, p_to, p_recurrence_id, p_limit + 1;
  if cardinality(ids) > p_limit then
    ids := ids[:p_limit];
    next := ids[p_limit];
  else
    execute format('select count(*), max(c.id) from (%s) c', v_candidates)
    into v_looked_at, v_last using p_after, p_status, p_topic, p_from, p_to, p_recurrence_id;
    if v_looked_at = c_rows_looked_at then
      next := v_last;
    end if;
  end if;

  -- The first is given however large it is.
  select s.id into v_last
  from (
    select i.id, i.n, sum(coalesce(octet_length(c.payload), 0) * 4 / 3 + coalesce(octet_length(c.key), 0)
      + coalesce(octet_length(c.headers::text), 0) + coalesce(octet_length(s.recurrence), 0) + 1000) over (order by i.n) as bytes
    from unnest(ids) with ordinality as i (id, n)
    left join event_contents c on c.event_id = i.id
    left join series s on s.event_id = i.id
  ) s
  where s.bytes <= c_page_bytes or s.n = 1
  order by s.n desc limit 1;
  if v_last < ids[cardinality(ids)] then
    ids := ids[:array_position(ids, v_last)];
    next := v_last;
  end if;
end
$$;
alter function scheduler_private.find_events(text, integer, scheduler.event_status, text, timestamptz, timestamptz, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_events(text, integer, scheduler.event_status, text, timestamptz, timestamptz, text) from public;
grant execute on function scheduler_private.find_events(text, integer, scheduler.event_status, text, timestamptz, timestamptz, text) to scheduler_api;
comment on function scheduler_private.find_events(text, integer, scheduler.event_status, text, timestamptz, timestamptz, text) is 'A page of the events that the caller may see, in order of their ids, which never change: ids after p_after that match, at most p_limit and some 8 MB. At most 10,000 rows are looked at, so that a page may have fewer, or none, although more follow; next is where the next page goes on, null when there is none.';
