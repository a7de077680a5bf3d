create type scheduler.event_status as enum ('SCHEDULED', 'PUBLISHED', 'CANCELED', 'FAILED');
alter type scheduler.event_status owner to scheduler_owner;
comment on type scheduler.event_status is 'SCHEDULED until dealt with; PUBLISHED: it is on its topic, once; CANCELED: by the user, or passed over; FAILED: rejected three times, or not allowed. The last three are final.';
