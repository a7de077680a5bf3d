create or replace view scheduler.settings as
select delivery_mode, max_message_bytes, retry_delays, retention, horizon, look_ahead, ce_source
from scheduler_private.settings;
alter view scheduler.settings owner to scheduler_owner;
grant select on scheduler.settings to scheduler_operator, scheduler_reader;
comment on view scheduler.settings is E'@omit\nWhat every process of this deployment agrees on. A DBA changes it by UPDATE.';
