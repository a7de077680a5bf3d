create or replace function scheduler_private.read_topic(p_topic text, p_index bigint) returns text
language sql stable
return case
  when scheduler_private.topic_is_legal(p_topic) then p_topic
  else scheduler_private.refuse('invalid_topic', scheduler_private.input_path(p_index, 'destinationTopic'),
    coalesce(format('%L is not a topic to schedule to.', left(p_topic, 60)), 'It is missing.'))::text
end;
alter function scheduler_private.read_topic(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_topic(text, bigint) from public;
comment on function scheduler_private.read_topic(text, bigint) is 'A topic that Kafka takes and that is the callers'' to use.';
