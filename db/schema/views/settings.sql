create or replace view scheduler.settings as
select delivery_mode, max_message_bytes, retry_delays, retention, horizon, look_ahead, ce_source
from scheduler_private.settings;
alter view scheduler.settings owner to scheduler_owner;
grant select on scheduler.settings to scheduler_operator, scheduler_reader;
comment on view scheduler.settings is E'@omit\nWhat every process of this deployment agrees on. A DBA changes it by UPDATE.';
comment on column scheduler.settings.delivery_mode is 'exactly_once or at_least_once.';
comment on column scheduler.settings.max_message_bytes is 'Most bytes of payload, key and headers together.';
comment on column scheduler.settings.retry_delays is 'Delay after the first, second … rejected attempt.';
comment on column scheduler.settings.retention is 'How long an event is kept after it became final.';
comment on column scheduler.settings.horizon is 'Work due within this time is notified at once.';
comment on column scheduler.settings.look_ahead is 'How long before its instant an event may be claimed.';
comment on column scheduler.settings.ce_source is 'Header ce_source; null: /scheduler/<deployment>.';
