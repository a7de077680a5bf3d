create or replace function scheduler_private.refuse_in_flight(p_series_id text) returns void
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  if exists (select from batches b where p_series_id = any (b.series_ids)) then
    perform refuse('in_flight', 'id', p_series_id);
  end if;
end
$$;
alter function scheduler_private.refuse_in_flight(text) owner to scheduler_owner;
revoke all on function scheduler_private.refuse_in_flight(text) from public;
comment on function scheduler_private.refuse_in_flight(text) is 'Raises in_flight while an instance of the series is being published. The caller holds the series'' lock.';
