create or replace function scheduler_private.series_named(p_ids text[]) returns text[]
language sql immutable parallel safe
return array(select distinct left(m.id, 36) from unnest(p_ids) as m (id) where length(m.id) > 36 order by 1);
alter function scheduler_private.series_named(text[]) owner to scheduler_owner;
revoke all on function scheduler_private.series_named(text[]) from public;
grant execute on function scheduler_private.series_named(text[]) to scheduler_engine;
comment on function scheduler_private.series_named(text[]) is 'The series that have instances among these ids, in order.';
