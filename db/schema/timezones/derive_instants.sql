create or replace procedure scheduler.derive_instants()
language plpgsql
as $$
declare
  v_id text := '';
begin
  perform scheduler_private.require_role('operator');
  while v_id is not null loop
    v_id := scheduler_private.derive_instants_after(v_id, 1000);
    commit;
  end loop;
end
$$;
alter procedure scheduler.derive_instants() owner to scheduler_owner;
revoke all on procedure scheduler.derive_instants() from public;
grant execute on procedure scheduler.derive_instants() to scheduler_operator;
comment on procedure scheduler.derive_instants() is E'@omit\nDerives every future instant from its wall time and zone again, in batches. Happens by itself when Postgres has a new time zone database (one-off events), or a relay (series). A procedure that commits takes neither SECURITY DEFINER nor SET.';
