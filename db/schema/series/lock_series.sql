create or replace function scheduler_private.lock_series(p_ids text[]) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  perform from events e where e.id = any (p_ids) order by e.id for no key update;
end
$$;
alter function scheduler_private.lock_series(text[]) owner to scheduler_engine;
revoke all on function scheduler_private.lock_series(text[]) from public;
grant execute on function scheduler_private.lock_series(text[]) to scheduler_owner;
comment on function scheduler_private.lock_series(text[]) is 'Locks series, before any of their instances and in one order, so that nobody waits for each other in a circle. What is read by the next statement holds until the end of the transaction.';
