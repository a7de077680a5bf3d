create table scheduler_private.error_codes (
  code text primary key,
  sqlstate text not null unique constraint error_codes_sqlstate_is_ours check (sqlstate ~ '^SC[0-9A-Z]{3}$'),
  http_status integer not null,
  title text not null,
  hint text not null
);
alter table scheduler_private.error_codes owner to scheduler_owner;
comment on table scheduler_private.error_codes is 'The one list of our errors: the same code, SQLSTATE and words in SQL, GraphQL and REST.';
comment on column scheduler_private.error_codes.code is 'Stable name; constraint_name of the SQL error, code of the REST problem, extensions.code in GraphQL.';
comment on column scheduler_private.error_codes.sqlstate is 'SQLSTATE, class SC.';
comment on column scheduler_private.error_codes.http_status is 'Status of the REST answer.';
comment on column scheduler_private.error_codes.title is 'MESSAGE of the SQL error, title of the problem.';
comment on column scheduler_private.error_codes.hint is 'HINT: what would be right.';
grant select on scheduler_private.error_codes to scheduler_api;

insert into scheduler_private.error_codes (code, sqlstate, http_status, title, hint) values
  ('invalid_id', 'SC001', 400, 'Invalid event id', 'Give a UUID, or none: then the server makes one.'),
  ('invalid_date_time', 'SC002', 400, 'Invalid date-time', 'Give YYYY-MM-DDThh:mm:ss with at most six decimals, followed by Z, an offset such as +09:00, or nothing for wall time in timezone.'),
  ('invalid_timezone', 'SC003', 400, 'Unknown time zone', 'Give UTC or an IANA name such as Asia/Tokyo, in its exact spelling.'),
  ('invalid_payload', 'SC004', 400, 'Invalid payload', 'Give the bytes of the message (Base64 in REST and GraphQL); zero bytes are legal.'),
  ('invalid_topic', 'SC005', 400, 'Invalid destination topic', 'Give 1 to 249 of a-z A-Z 0-9 . _ -, not starting with __ and not ending with -lane-ledger.'),
  ('invalid_ends_at', 'SC006', 400, 'endsAt is before scheduledAt', 'Give an endsAt that is not before scheduledAt, or none.'),
  ('invalid_policy', 'SC007', 400, 'Invalid gap, overlap or missed', 'A one-off event takes gap shift and overlap first or last; a series gap shift or skip, overlap first, last or both, and missed all, latest or skip.'),
  ('invalid_duration', 'SC008', 400, 'Invalid duration', 'Give an ISO 8601 duration such as PT15M.'),
  ('invalid_headers', 'SC009', 400, 'Invalid headers', 'Give an object of strings; names starting with ce_ (but ce_type and ce_source) or scheduler- are ours.'),
  ('message_too_large', 'SC010', 400, 'Message too large', 'Payload, key and headers together may have max_message_bytes of scheduler.settings.'),
  ('duplicate_id', 'SC012', 400, 'The same id twice in one batch', 'Give each event its own id.'),
  ('invalid_event', 'SC013', 400, 'Invalid event', 'Give the named field as its description says.'),
  ('invalid_recurrence', 'SC014', 400, 'The recurrence is not valid', 'Send RRULE, RDATE and EXDATE lines of RFC 5545 that have an occurrence.'),
  ('not_identified', 'SC020', 401, 'No identity', 'Say who you are.'),
  ('forbidden', 'SC021', 403, 'Not allowed', 'Ask an operator for the role.'),
  ('topic_not_granted', 'SC022', 403, 'The owner is not granted this topic', 'An operator can grant it: scheduler.grant_topic(identity, topic, prefix).'),
  ('not_found', 'SC030', 404, 'No such event', 'Check the id; final events leave after the retention time.'),
  ('id_taken', 'SC040', 409, 'The id is taken', 'Use a new id; to repeat a creation send the same content again.'),
  ('final', 'SC041', 409, 'The event is final', 'PUBLISHED, CANCELED and FAILED events never change; schedule a new event with a new id.'),
  ('in_flight', 'SC042', 409, 'The event is being published', 'Try again in a new transaction.'),
  ('status_mismatch', 'SC043', 409, 'The event has another status', 'Read the event again.'),
  ('isolation_level', 'SC044', 409, 'Events change under READ COMMITTED only', 'A snapshot taken earlier would hide that an event is being published.'),
  ('immutable', 'SC045', 409, 'This cannot be changed', 'id, owner, createdAt and content_hash stay; status, retry and publishedAt are the relay''s.'),
  ('not_deletable', 'SC046', 409, 'Events are deleted by retention only', 'Cancel it; final events leave after settings.retention.'),
  ('series_changed', 'SC047', 409, 'The series has changed meanwhile', 'Read it again and try again.'),
  ('fence_lost', 'SC060', 409, 'Another relay has taken this lane over', 'For relays: give the lane up.'),
  ('batch_open', 'SC061', 409, 'The lane has an open batch', 'For relays: resolve it by the ledger first.'),
  ('lane_quarantined', 'SC062', 409, 'The lane is quarantined', 'An operator decides: scheduler.resolve_quarantine(lane, decision).'),
  ('deployment_mismatch', 'SC063', 409, 'This database belongs to another deployment or Kafka cluster', 'Set DEPLOYMENT to the stored name and KAFKA_BROKERS to the stored cluster, or adopt the copy: scheduler.adopt_deployment(name, kafka_cluster_id).'),
  ('not_quarantined', 'SC064', 409, 'The lane is not quarantined', 'Look at scheduler.lanes.'),
  ('batches_open', 'SC065', 409, 'A lane has an open batch', 'Stop every relay gracefully first.');
