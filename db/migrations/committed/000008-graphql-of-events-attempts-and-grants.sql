--! Previous: sha1:a3eb660ca07277453cabcdf97a1e725865a5a0f0
--! Hash: sha1:529d860384ce0073594893adc7f987c14383e505
--! Message: GraphQL of events, attempts and grants

-- What GraphQL shows, and what of it is never null.

comment on column scheduler.event_input.scheduled_at is E'@notNull\nRFC 3339 date-time. With Z or an offset: that instant. Without: wall time in timezone.';
comment on column scheduler.event_input.payload is E'@notNull\nThe value of the Kafka message, byte for byte. May be empty.';
comment on column scheduler.event_input.destination_topic is E'@notNull\nKafka topic.';
--! Included views/attempts.sql
create or replace view scheduler.attempts with (security_invoker = true) as
select event_id, attempt, attempted_at, code, message from scheduler_private.attempts;
alter view scheduler.attempts owner to scheduler_owner;
grant select on scheduler.attempts to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.attempts is E'@primaryKey event_id,attempt\n@omit all,many\nA rejected attempt: the broker, or the relay''s check in front of it, refused this event.';
comment on column scheduler.attempts.event_id is E'@notNull\nThe event, or the exception that an occurrence became.';
comment on column scheduler.attempts.attempt is E'@notNull\nNumber, from 1; the third is the last.';
comment on column scheduler.attempts.attempted_at is E'@notNull\nWhen.';
comment on column scheduler.attempts.code is E'@notNull\nStable name of the reason, such as unknown_topic.';
comment on column scheduler.attempts.message is E'@notNull\nWhat the broker said.';
--! EndIncluded views/attempts.sql
--! Included views/topic_grants.sql
create or replace view scheduler.topic_grants with (security_invoker = true) as
select identity, topic, prefix, granted_by, granted_at from scheduler_private.topic_grants;
alter view scheduler.topic_grants owner to scheduler_owner;
grant select on scheduler.topic_grants to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.topic_grants is E'@primaryKey identity,topic,prefix\n@omit many\nWhich topics the events of an identity may go to: an operator sees all, others their own.';
comment on column scheduler.topic_grants.identity is E'@notNull\nOwner of events.';
comment on column scheduler.topic_grants.topic is E'@notNull\nA topic, or the beginning of its name.';
comment on column scheduler.topic_grants.prefix is E'@notNull\nWhether it is the beginning; the empty one grants every topic.';
comment on column scheduler.topic_grants.granted_by is E'@notNull\nIdentity of the operator.';
comment on column scheduler.topic_grants.granted_at is E'@notNull\nWhen.';
--! EndIncluded views/topic_grants.sql
--! Included functions/schedule_event.sql
create or replace function scheduler.schedule_event(
  scheduled_at text,
  payload bytea,
  destination_topic text,
  timezone text default null,
  id text default null,
  ends_at text default null,
  recurrence text default null,
  gap text default null,
  overlap text default null,
  missed text default null,
  max_lateness text default null,
  key text default null,
  headers jsonb default null
) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_ids text[];
begin
  v_ids := store_events(array[row(
    schedule_event.id, schedule_event.scheduled_at, schedule_event.timezone, schedule_event.payload,
    schedule_event.destination_topic, schedule_event.ends_at, schedule_event.recurrence,
    schedule_event.gap, schedule_event.overlap, schedule_event.missed, schedule_event.max_lateness,
    schedule_event.key, schedule_event.headers
  )::event_input], false);
  return event(v_ids[1]);
end
$$;
alter function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) owner to scheduler_owner;
revoke all on function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) from public;
grant execute on function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) is E'@resultFieldName event\n@notNull\nSchedules one event; the parameters are the fields of event_input. Repeating a creation is safe: a known id with the same content answers with the event as it is.';
--! EndIncluded functions/schedule_event.sql
--! Included functions/schedule_events.sql
create or replace function scheduler.schedule_events(events scheduler.event_input[]) returns setof scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_ids text[];
begin
  v_ids := store_events(schedule_events.events, true);
  return query
    select e.* from unnest(v_ids) with ordinality as stored (id, i)
    join scheduler.events e on e.id = stored.id
    order by stored.i;
end
$$;
alter function scheduler.schedule_events(scheduler.event_input[]) owner to scheduler_owner;
revoke all on function scheduler.schedule_events(scheduler.event_input[]) from public;
grant execute on function scheduler.schedule_events(scheduler.event_input[]) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.schedule_events(scheduler.event_input[]) is E'@resultFieldName events\n@notNull\nSchedules many events in one statement, all or none. Repeating a creation is safe: known ids with the same content pass.';
--! EndIncluded functions/schedule_events.sql
--! Included functions/replace_event.sql
create or replace function scheduler.replace_event(
  id text,
  event scheduler.event_input,
  status text default null
) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
-- What holds the row longer than this is a stranger's transaction, not the claim.
set lock_timeout = '2s'
as $$
declare
  v_id constant text := normal_id(replace_event.id);
  v_event events;
  v normal_event;
begin
  perform require_role('producer', 'operator');
  if length(v_id) > 36 then
    return replace_instance(v_id, replace_event.event, replace_event.status);
  elsif lower(nullif(replace_event.event.id, '')) <> v_id then
    perform refuse('invalid_id', 'id', 'It differs from the event that is to be replaced.');
  end if;
  replace_event.event.id := v_id;
  select e.* into v_event from events e where e.id = v_id;
  if not found then
    perform refuse('not_found', 'id', left(v_id, 60));
  end if;
  v := normalise_event(replace_event.event, '', (select s.max_message_bytes from settings s));
  if v_event.recurs <> (v.recurrence is not null) then
    perform refuse('invalid_recurrence', 'recurrence', 'A recurrence is neither added to an event nor taken away: cancel this one and schedule another.');
  elsif v_event.recurs then
    perform revise_series(v);
  end if;
  return overwrite_event(v_id, v, replace_event.status);
end
$$;
alter function scheduler.replace_event(text, scheduler.event_input, text) owner to scheduler_owner;
revoke all on function scheduler.replace_event(text, scheduler.event_input, text) from public;
grant execute on function scheduler.replace_event(text, scheduler.event_input, text) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.replace_event(text, scheduler.event_input, text) is E'@resultFieldName event\n@notNull\nReplaces the whole of an event, a series or one instance of a series that has not been published: absent optional fields take their defaults. A status, if given, must be the present one. Of a series what is past stays as it was.';
--! EndIncluded functions/replace_event.sql
--! Included functions/cancel_event.sql
create or replace function scheduler.cancel_event(id text) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
-- What holds the row longer than this is a stranger's transaction, not the claim.
set lock_timeout = '2s'
as $$
declare
  v_id constant text := normal_id(cancel_event.id);
  v_event scheduler.events;
begin
  perform require_role('producer', 'operator');
  if length(v_id) > 36 then
    return cancel_instance(v_id);
  end if;
  update events e set status = 'CANCELED' where e.id = v_id and e.status = 'SCHEDULED';
  v_event := event(v_id);
  if v_event.status is distinct from 'CANCELED' then
    perform refuse_unless_scheduled(v_id);
  end if;
  return v_event;
end
$$;
alter function scheduler.cancel_event(text) owner to scheduler_owner;
revoke all on function scheduler.cancel_event(text) from public;
grant execute on function scheduler.cancel_event(text) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.cancel_event(text) is E'@resultFieldName event\n@notNull\nCancels an event, a series with all its instances, or one instance, that has not been published. Cancelling a cancelled one is no error; one that is being published answers in_flight, a published or failed one final.';
--! EndIncluded functions/cancel_event.sql
