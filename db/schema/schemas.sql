create schema scheduler;
create schema scheduler_private;
alter schema scheduler owner to scheduler_owner;
alter schema scheduler_private owner to scheduler_owner;
comment on schema scheduler is 'The event scheduler: what GraphQL shows, REST calls and DBAs use.';
comment on schema scheduler_private is 'Tables and inner functions of the event scheduler.';
grant usage on schema scheduler to scheduler_api, scheduler_relay, scheduler_producer, scheduler_operator, scheduler_reader, scheduler_engine;
grant usage on schema scheduler_private to scheduler_api, scheduler_relay, scheduler_engine, scheduler_operator;
