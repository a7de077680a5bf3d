create or replace view scheduler.throughput as
select s.minute, s.published_until - s.published as published
from (
  select t.minute, t.published,
    coalesce(lead(t.published) over (order by t.minute), (select sum(l.published) from scheduler_private.lanes l)) as published_until
  from scheduler_private.throughput_samples t
) s;
alter view scheduler.throughput owner to scheduler_engine;
grant select on scheduler.throughput to scheduler_api, scheduler_operator, scheduler_reader;
comment on view scheduler.throughput is E'@omit\nMessages published, minute by minute, for a week. A minute without a tick counts towards the one before it.';
comment on column scheduler.throughput.minute is 'When the minute began.';
comment on column scheduler.throughput.published is 'Messages confirmed to be on their topics: events and occurrences of series.';
