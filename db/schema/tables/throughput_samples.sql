create table scheduler_private.throughput_samples (
  minute timestamptz primary key,
  published bigint not null
);
alter table scheduler_private.throughput_samples owner to scheduler_owner;
comment on table scheduler_private.throughput_samples is 'How many messages had been published in all when a minute began, noted by its first tick and kept for a week.';
comment on column scheduler_private.throughput_samples.published is 'Sum of lanes.published.';
grant select, insert, delete on scheduler_private.throughput_samples to scheduler_engine;
