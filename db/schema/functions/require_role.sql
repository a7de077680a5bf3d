create or replace function scheduler_private.require_role(variadic p_roles text[]) returns void
language plpgsql stable
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_identity constant text := identity();
  v_role constant text := identity_role();
begin
  if v_identity is null then
    perform refuse('not_identified');
  elsif v_role is null or v_role <> all (p_roles) then
    perform refuse('forbidden', '', format('This takes the role %s; %s has %s.',
      array_to_string(p_roles, ' or '), v_identity, coalesce(v_role, 'none')));
  end if;
end
$$;
alter function scheduler_private.require_role(text[]) owner to scheduler_owner;
revoke all on function scheduler_private.require_role(text[]) from public;
grant execute on function scheduler_private.require_role(text[]) to scheduler_engine, scheduler_operator;
comment on function scheduler_private.require_role(text[]) is 'Raises not_identified or forbidden unless the caller has one of the roles.';
