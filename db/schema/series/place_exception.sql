create or replace function scheduler_private.place_exception(p_id text, p_occurrence scheduler_private.occurrence) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  update exceptions x set
    original_wall = (p_occurrence).wall, original_second_pass = (p_occurrence).second_pass
  where x.event_id = p_id;
end
$$;
alter function scheduler_private.place_exception(text, scheduler_private.occurrence) owner to scheduler_engine;
revoke all on function scheduler_private.place_exception(text, scheduler_private.occurrence) from public;
grant execute on function scheduler_private.place_exception(text, scheduler_private.occurrence) to scheduler_owner;
comment on function scheduler_private.place_exception(text, scheduler_private.occurrence) is 'Notes the wall time of the occurrence that an exception takes the place of, which its id does not say where a clock change skips it.';
