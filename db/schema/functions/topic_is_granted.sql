create or replace function scheduler_private.topic_is_granted(p_identity text, p_topic text) returns boolean
language plpgsql stable security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  return exists (
    select from topic_grants g
    where g.identity = p_identity and (g.topic = p_topic or g.prefix and starts_with(p_topic, g.topic))
  );
end
$$;
alter function scheduler_private.topic_is_granted(text, text) owner to scheduler_engine;
revoke all on function scheduler_private.topic_is_granted(text, text) from public;
grant execute on function scheduler_private.topic_is_granted(text, text) to scheduler_owner;
comment on function scheduler_private.topic_is_granted(text, text) is 'Whether the events of the identity may go to the topic. Runs as the engine: an operator moves another''s event under that owner''s grants.';
