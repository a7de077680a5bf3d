create or replace function scheduler_private.read_date_list(p_line scheduler_private.content_line) returns text[]
language sql immutable parallel safe
return scheduler_private.split_list(upper(regexp_replace((p_line).value, ';$', '') collate "C"), ',');
alter function scheduler_private.read_date_list(scheduler_private.content_line) owner to scheduler_owner;
revoke all on function scheduler_private.read_date_list(scheduler_private.content_line) from public;
comment on function scheduler_private.read_date_list(scheduler_private.content_line) is 'The values of an RDATE or EXDATE line; a semicolon behind them is tolerated.';
