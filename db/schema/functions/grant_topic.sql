create or replace function scheduler.grant_topic(identity text, topic text, prefix boolean default false) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  perform require_role('operator');
  insert into topic_grants (identity, topic, prefix, granted_by)
  values (grant_topic.identity, grant_topic.topic, grant_topic.prefix, scheduler.identity())
  on conflict do nothing;
end
$$;
alter function scheduler.grant_topic(text, text, boolean) owner to scheduler_owner;
revoke all on function scheduler.grant_topic(text, text, boolean) from public;
grant execute on function scheduler.grant_topic(text, text, boolean) to scheduler_api, scheduler_operator;
comment on function scheduler.grant_topic(text, text, boolean) is 'Lets the events of an identity go to a topic, or to every topic whose name begins so.';
