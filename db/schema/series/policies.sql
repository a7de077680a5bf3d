-- A series and what belongs to it is seen and changed by whoever may see and change its event.
create policy engine_sees_all on scheduler_private.series to scheduler_engine using (true) with check (true);
create policy own_or_role_sees on scheduler_private.series for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) in ('operator', 'reader'));
create policy own_is_created on scheduler_private.series for insert to scheduler_owner
  with check (owner = (select scheduler.identity()));
create policy own_or_operator_changes on scheduler_private.series for update to scheduler_owner
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) = 'operator');

create policy engine_sees_all on scheduler_private.revisions to scheduler_engine using (true) with check (true);
create policy with_its_series on scheduler_private.revisions for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (exists (select from scheduler_private.series s where s.event_id = series_id));
create policy with_its_series_is_closed on scheduler_private.revisions for insert to scheduler_owner
  with check (exists (select from scheduler_private.series s where s.event_id = series_id));

create policy engine_sees_all on scheduler_private.exceptions to scheduler_engine using (true) with check (true);
create policy with_its_series on scheduler_private.exceptions for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (exists (select from scheduler_private.series s where s.event_id = series_id));
create policy with_its_series_changes on scheduler_private.exceptions for update to scheduler_owner
  using (exists (select from scheduler_private.series s where s.event_id = series_id));

create policy engine_sees_all on scheduler_private.passed_ranges to scheduler_engine using (true) with check (true);
create policy with_its_series on scheduler_private.passed_ranges for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (exists (select from scheduler_private.series s where s.event_id = series_id));
