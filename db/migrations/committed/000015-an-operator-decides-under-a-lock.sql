--! Previous: sha1:24d2b767dfeebeef9a853c92503dde6f9bf5e217
--! Hash: sha1:640c46cf8936de365c3b0fb538641cb0e0f0c2c6
--! Message: an operator decides under a lock

-- Enter migration here
--! Included functions/resolve_quarantine.sql
create or replace function scheduler.resolve_quarantine(lane integer, decision text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_lane lanes;
  v_batch uuid;
begin
  perform require_role('operator');
  -- Else a relay that takes the lane over meanwhile grows its fence.
  select * into v_lane from lanes l where l.lane = resolve_quarantine.lane for no key update;
  if v_lane.quarantined_at is null then
    perform refuse('not_quarantined', 'lane');
  elsif coalesce(decision, '') not in ('confirm', 'discard') then
    perform refuse('invalid_event', 'decision', 'confirm: the open batch is on its topics; discard: it is not.');
  end if;
  select id into v_batch from batches b where b.lane = resolve_quarantine.lane;
  if v_batch is not null and decision = 'confirm' then
    perform confirm(v_lane.lane, v_lane.fence, v_batch);
  elsif v_batch is not null then
    perform discard(v_lane.lane, v_lane.fence, v_batch);
  end if;
  update lanes l set ledger = 'reseed', quarantined_at = null, quarantine_reason = null
  where l.lane = resolve_quarantine.lane;
  perform pg_notify('scheduler_lanes', resolve_quarantine.lane::text);
end
$$;
alter function scheduler.resolve_quarantine(integer, text) owner to scheduler_owner;
revoke all on function scheduler.resolve_quarantine(integer, text) from public;
grant execute on function scheduler.resolve_quarantine(integer, text) to scheduler_operator;
comment on function scheduler.resolve_quarantine(integer, text) is E'@omit\nAn operator''s decision about a lane whose ledger does not say what became of its batch: confirm (it is on its topics) or discard (it is not, publish it again). The ledger is then written anew.';
--! EndIncluded functions/resolve_quarantine.sql
