create or replace function scheduler.adopt_deployment(name text, kafka_cluster_id text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  perform require_role('operator');
  lock table lanes in exclusive mode;
  if exists (select from batches) then
    perform refuse('batches_open');
  end if;
  update deployment d set
    name = adopt_deployment.name, kafka_cluster_id = adopt_deployment.kafka_cluster_id, installed_at = now();
  update lanes set
    fence = fence + 1, relay_id = null, lease_until = null, ledger = 'unseeded', last_confirmed = gen_random_uuid(),
    quarantined_at = null, quarantine_reason = null;
end
$$;
alter function scheduler.adopt_deployment(text, text) owner to scheduler_owner;
revoke all on function scheduler.adopt_deployment(text, text) from public;
grant execute on function scheduler.adopt_deployment(text, text) to scheduler_operator;
comment on function scheduler.adopt_deployment(text, text) is E'@omit\nMakes a copied database a deployment of its own: another name, another Kafka cluster or both, with a new ledger. What the original still publishes after the copy was taken, the copy publishes, too.';
