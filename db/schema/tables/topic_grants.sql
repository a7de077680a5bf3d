create table scheduler_private.topic_grants (
  identity text not null,
  topic text not null,
  prefix boolean not null,
  granted_by text not null,
  granted_at timestamptz not null default now(),
  primary key (identity, topic, prefix),
  constraint topic_grants_identity_is_given check (identity <> ''),
  constraint topic_grants_literal_is_given check (prefix or topic <> '')
);
alter table scheduler_private.topic_grants owner to scheduler_owner;
alter table scheduler_private.topic_grants enable row level security;
alter table scheduler_private.topic_grants force row level security;
comment on table scheduler_private.topic_grants is 'Which topics the events of an identity may go to.';
comment on column scheduler_private.topic_grants.identity is 'Owner of events: <issuer alias>:<sub>, sql:<login role>, local or the anonymous identity.';
comment on column scheduler_private.topic_grants.topic is 'A topic, or the beginning of its name when prefix is true; the empty prefix grants every topic.';
grant select on scheduler_private.topic_grants to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;

insert into scheduler_private.topic_grants (identity, topic, prefix, granted_by) values
  ('sql:' || session_user, '', true, 'set-up'),
  ('local', '', true, 'set-up');
