create or replace function scheduler.revoke_topic(identity text, topic text, prefix boolean default false) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  perform require_role('operator');
  delete from topic_grants g
  where (g.identity, g.topic, g.prefix) = (revoke_topic.identity, revoke_topic.topic, revoke_topic.prefix);
end
$$;
alter function scheduler.revoke_topic(text, text, boolean) owner to scheduler_owner;
revoke all on function scheduler.revoke_topic(text, text, boolean) from public;
grant execute on function scheduler.revoke_topic(text, text, boolean) to scheduler_api, scheduler_operator;
comment on function scheduler.revoke_topic(text, text, boolean) is 'Takes a grant back. What was scheduled under it fails with topic_not_granted when it falls due.';
