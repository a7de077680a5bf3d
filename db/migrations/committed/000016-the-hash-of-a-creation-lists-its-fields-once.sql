--! Previous: sha1:640c46cf8936de365c3b0fb538641cb0e0f0c2c6
--! Hash: sha1:adb02244e7baab20c99bd34d4feccd27d3db1a89
--! Message: the hash of a creation lists its fields once

-- Enter migration here
--! Included input/content_hash.sql
create or replace function scheduler_private.content_hash(
  p_scheduled scheduler_private.moment,
  p_starts_as_instant boolean,
  p_ends scheduler_private.moment,
  p_timezone text,
  p_destination_topic text,
  p_gap text,
  p_overlap text,
  p_max_lateness interval,
  p_payload bytea,
  p_key text,
  p_headers jsonb,
  p_recurrence text,
  p_missed text
) returns bytea
language sql stable
return sha256(convert_to((
  jsonb_build_array(
    scheduler_private.format_moment(case when p_starts_as_instant then null else (p_scheduled).local end, (p_scheduled).instant, (p_scheduled).second_pass),
    scheduler_private.format_moment((p_ends).local, (p_ends).instant, (p_ends).second_pass),
    p_timezone, p_destination_topic, p_gap, p_overlap, scheduler_private.format_duration(p_max_lateness), p_key, p_headers)
  || case when p_recurrence is null then '[]' else jsonb_build_array(p_recurrence, p_missed) end
)::text, 'UTF8') || p_payload);
alter function scheduler_private.content_hash(scheduler_private.moment, boolean, scheduler_private.moment, text, text, text, text, interval, bytea, text, jsonb, text, text) owner to scheduler_owner;
revoke all on function scheduler_private.content_hash(scheduler_private.moment, boolean, scheduler_private.moment, text, text, text, text, interval, bytea, text, jsonb, text, text) from public;
comment on function scheduler_private.content_hash(scheduler_private.moment, boolean, scheduler_private.moment, text, text, text, text, interval, bytea, text, jsonb, text, text) is 'SHA-256 of what a caller gave, after defaults: tells a repeated creation from another event.';
--! EndIncluded input/content_hash.sql
