create or replace function scheduler_private.register_deployment(p_name text, p_kafka_cluster_id text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_deployment deployment;
begin
  insert into deployment (name, kafka_cluster_id) values (p_name, p_kafka_cluster_id) on conflict do nothing;
  select * into strict v_deployment from deployment;
  if (v_deployment.name, v_deployment.kafka_cluster_id) <> (p_name, p_kafka_cluster_id) then
    perform refuse('deployment_mismatch', 'DEPLOYMENT', format('It belongs to %s on Kafka cluster %s, not to %s on %s.',
      v_deployment.name, v_deployment.kafka_cluster_id, p_name, p_kafka_cluster_id));
  end if;
end
$$;
alter function scheduler_private.register_deployment(text, text) owner to scheduler_engine;
revoke all on function scheduler_private.register_deployment(text, text) from public;
grant execute on function scheduler_private.register_deployment(text, text) to scheduler_relay;
comment on function scheduler_private.register_deployment(text, text) is 'Stores whose database this is, once; later it raises deployment_mismatch for any other name or cluster.';
