-- Who sees and changes which rows, whatever door they come through.
create policy engine_sees_all on scheduler_private.events to scheduler_engine using (true) with check (true);
create policy own_or_role_sees on scheduler_private.events for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) in ('operator', 'reader'));
create policy own_is_created on scheduler_private.events for insert to scheduler_owner
  with check (owner = (select scheduler.identity()));
create policy own_or_operator_changes on scheduler_private.events for update to scheduler_owner
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) = 'operator');

create policy engine_sees_all on scheduler_private.event_contents to scheduler_engine using (true) with check (true);
create policy own_or_operator_sees on scheduler_private.event_contents for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using ((owner = (select scheduler.identity()) and (select scheduler.identity_role()) <> 'reader')
    or (select scheduler.identity_role()) = 'operator');
create policy own_is_created on scheduler_private.event_contents for insert to scheduler_owner
  with check (owner = (select scheduler.identity()));
create policy own_or_operator_changes on scheduler_private.event_contents for update to scheduler_owner
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) = 'operator');

create policy engine_sees_all on scheduler_private.attempts to scheduler_engine using (true) with check (true);
create policy with_its_event on scheduler_private.attempts for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (exists (select from scheduler_private.events e where e.id = event_id));

create policy engine_sees_all on scheduler_private.topic_grants to scheduler_engine using (true);
create policy own_or_operator_sees on scheduler_private.topic_grants for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (identity = (select scheduler.identity()) or (select scheduler.identity_role()) = 'operator');
create policy operator_grants on scheduler_private.topic_grants for insert to scheduler_owner
  with check ((select scheduler.identity_role()) = 'operator');
create policy operator_revokes on scheduler_private.topic_grants for delete to scheduler_owner
  using ((select scheduler.identity_role()) = 'operator');
