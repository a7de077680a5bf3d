create or replace function scheduler_private.topic_is_legal(p_topic text) returns boolean
language sql immutable parallel safe
return length(p_topic) between 1 and 249
  and p_topic !~ '[^a-zA-Z0-9._-]'
  and p_topic not in ('.', '..')
  and not starts_with(p_topic, '__')
  and right(p_topic, 12) <> '-lane-ledger';
alter function scheduler_private.topic_is_legal(text) owner to scheduler_owner;
revoke all on function scheduler_private.topic_is_legal(text) from public;
grant execute on function scheduler_private.topic_is_legal(text) to scheduler_engine;
comment on function scheduler_private.topic_is_legal(text) is 'Kafka''s rule for names of topics (org.apache.kafka.common.internals.Topic), without internal topics and ledgers.';
