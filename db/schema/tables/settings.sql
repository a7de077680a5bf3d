create table scheduler_private.settings (
  only_row boolean primary key default true constraint settings_has_one_row check (only_row),
  delivery_mode text not null default 'exactly_once'
    constraint settings_delivery_mode check (delivery_mode in ('exactly_once', 'at_least_once')),
  max_message_bytes integer not null default 900000
    constraint settings_max_message_bytes check (max_message_bytes between 1 and 10000000),
  retry_delays interval[] not null default array['10 seconds', '1 minute']::interval[]
    constraint settings_retry_delays check (cardinality(retry_delays) >= 1 and array_position(retry_delays, null) is null and '0' < all (retry_delays)),
  retention interval not null default '30 days'
    constraint settings_retention check (retention >= '0'),
  horizon interval not null default '10 seconds'
    constraint settings_horizon check (horizon > '0'),
  look_ahead interval not null default '0'
    constraint settings_look_ahead check (look_ahead between '0' and '1 second'),
  ce_source text
);
alter table scheduler_private.settings owner to scheduler_owner;
insert into scheduler_private.settings default values;
comment on table scheduler_private.settings is 'What every process of this deployment must agree on: one row.';
comment on column scheduler_private.settings.delivery_mode is 'exactly_once: Kafka transactions with a ledger. at_least_once: without transactions; a repeat carries the same ce_id. A batch is resolved by the mode that it was claimed under.';
comment on column scheduler_private.settings.max_message_bytes is 'Most bytes of payload, key and headers together.';
comment on column scheduler_private.settings.retry_delays is 'Delay after the first, second … rejected attempt.';
comment on column scheduler_private.settings.retention is 'How long an event is kept after it became final.';
comment on column scheduler_private.settings.horizon is 'Work due within this time is notified at once; later work is left to the tick.';
comment on column scheduler_private.settings.look_ahead is 'How long before its instant an event may be claimed, so that its Kafka transaction is ready to be committed at the instant. What is claimed can no longer be cancelled. 0: claimed at the instant.';
comment on column scheduler_private.settings.ce_source is 'Header ce_source; null: /scheduler/<deployment>.';
grant select on scheduler_private.settings to scheduler_engine, scheduler_api, scheduler_relay;
