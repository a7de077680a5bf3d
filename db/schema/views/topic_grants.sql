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
