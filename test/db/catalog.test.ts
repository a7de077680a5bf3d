import { expect } from 'vitest';
import { test } from './session.ts';

/** Rules for every object, present and future: each query lists those that break one. */

const functions = `(
  select p.*, p.oid::regprocedure::text as name, p.proowner::regrole::text as owner,
    obj_description(p.oid, 'pg_proc') as comment,
    (select substr(setting, length('search_path=') + 1) from unnest(p.proconfig) setting
      where setting like 'search_path=%') as search_path
  from pg_proc p where p.pronamespace in ('scheduler'::regnamespace, 'scheduler_private'::regnamespace)
) f`;

const relations = `(
  select c.*, c.oid::regclass::text as name, c.relowner::regrole::text as owner,
    obj_description(c.oid, 'pg_class') as comment
  from pg_class c where c.relnamespace in ('scheduler'::regnamespace, 'scheduler_private'::regnamespace)
    and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
) r`;

/** Every login of ours is one of these, or a member of one. */
const logins = `unnest(array['scheduler_api', 'scheduler_relay', 'scheduler_producer', 'scheduler_operator', 'scheduler_reader']) as l (rolname)`;

test.for([
  [
    'functions that PUBLIC may run',
    `select name from ${functions}, aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0`,
  ],
  [
    'relations that PUBLIC may do anything with',
    `select name from ${relations}, aclexplode(coalesce(relacl, acldefault('r', relowner))) where grantee = 0`,
  ],
  [
    'functions or relations granted to strangers',
    `select name, grantee::regrole from (
       select name, acl.* from ${functions}, aclexplode(proacl) acl
       union all select name, acl.* from ${relations}, aclexplode(relacl) acl
     ) granted where grantee not in (select rolname::regrole from ${logins})
       and grantee not in ('scheduler_owner'::regrole, 'scheduler_engine'::regrole)`,
  ],
  [
    'columns that PUBLIC may do anything with',
    `select name from ${relations}, pg_attribute a, aclexplode(a.attacl) where a.attrelid = r.oid and grantee = 0`,
  ],
  [
    'schemas that PUBLIC may use',
    `select nspname as name from pg_namespace, aclexplode(nspacl) where nspname like 'scheduler%' and grantee = 0`,
  ],
  [
    'relations that a login may write',
    `select name, rolname, privilege from ${relations}, ${logins},
       unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
     where relkind <> 'S' and has_table_privilege(rolname, r.oid, privilege)`,
  ],
  [
    'columns that a login may write',
    `select name, rolname from ${relations}, ${logins}, unnest(array['INSERT', 'UPDATE', 'REFERENCES']) privilege
     where relkind <> 'S' and has_any_column_privilege(rolname, r.oid, privilege)`,
  ],
  [
    'schemas that a login may create in',
    `select rolname as name from ${logins}, unnest(array['scheduler', 'scheduler_private']) s where has_schema_privilege(rolname, s, 'create')`,
  ],
  [
    'logins that are a member of the owners',
    `select rolname as name from ${logins}, unnest(array['scheduler_owner', 'scheduler_engine']) o where pg_has_role(rolname, o, 'member')`,
  ],
  [
    'owners that may log in or see past row level security',
    `select rolname as name from pg_roles where rolname in ('scheduler_owner', 'scheduler_engine') and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole)`,
  ],
  [
    'logins of ours with more than a login',
    `select rolname as name from pg_roles where rolname in ('scheduler_api', 'scheduler_relay') and (not rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
  ],
  [
    'functions that are not ours',
    `select name, owner from ${functions} where owner not in ('scheduler_owner', 'scheduler_engine')`,
  ],
  [
    'relations that are not ours',
    `select name, owner from ${relations} where owner not in ('scheduler_owner', 'scheduler_engine')`,
  ],
  ['functions without comment', `select name from ${functions} where coalesce(comment, '') = ''`],
  [
    // The names in a body of standard SQL were looked up when it was created.
    'functions without a fixed search_path whose comment does not say why',
    `select name from ${functions} where search_path is null and prosqlbody is null
       and comment !~ 'Without its own search_path, so that it is inlined|takes neither SECURITY DEFINER nor SET'`,
  ],
  [
    'functions with a fixed search_path whose comment denies it',
    `select name from ${functions} where search_path is not null and comment ~ 'Without its own search_path'`,
  ],
  [
    'functions said to be inlined that cannot be',
    `select name from ${functions} where comment ~ 'so that it is inlined' and (prolang <> (select oid from pg_language where lanname = 'sql') or prosecdef or proisstrict or proconfig is not null)`,
  ],
  [
    'SECURITY DEFINER functions without a fixed search_path',
    `select name from ${functions} where prosecdef and search_path is null`,
  ],
  [
    'search_paths that do not end with pg_temp',
    `select name, search_path from ${functions} where search_path !~ '(^|, )pg_temp$'`,
  ],
  [
    'search_paths with a schema that others may write',
    `select name, search_path from ${functions} where search_path ~ 'public|\\$user'`,
  ],
  [
    'overloaded functions',
    `select min(name) as name from ${functions} group by pronamespace, proname having count(*) > 1`,
  ],
  [
    'relations without comment',
    `select name from ${relations} where relkind <> 'S' and coalesce(comment, '') = ''`,
  ],
  [
    'columns of views without comment',
    `select name, attname from ${relations} join pg_attribute a on a.attrelid = r.oid
     where relkind = 'v' and attnum > 0 and coalesce(col_description(r.oid, attnum), '') = ''`,
  ],
  [
    'types without comment',
    `select t.oid::regtype::text as name from pg_type t left join pg_class c on c.oid = t.typrelid
     where t.typnamespace in ('scheduler'::regnamespace, 'scheduler_private'::regnamespace)
       and t.typelem = 0 and (c.relkind is null or c.relkind = 'c') and coalesce(obj_description(t.oid, 'pg_type'), '') = ''`,
  ],
  [
    'fields of inputs without comment',
    `select attname as name from pg_type t join pg_attribute a on a.attrelid = t.typrelid
     where t.oid = 'scheduler.event_input'::regtype and coalesce(col_description(t.typrelid, attnum), '') = ''`,
  ],
  [
    'views that show more than their reader may see',
    // Those that hold nothing of an event, or only when it is due, belong to their owner.
    `select name from ${relations} where relkind = 'v' and not coalesce(reloptions, '{}') @> '{security_invoker=true}'
       and name not in ('scheduler.lanes', 'scheduler.relays', 'scheduler.settings', 'scheduler.throughput')`,
  ],
  [
    'tables of events without forced row level security',
    `select name from ${relations} where relkind = 'r' and not (relrowsecurity and relforcerowsecurity)
       and name ~ '[.](events|event_contents|attempts|topic_grants)$'`,
  ],
  [
    'triggers of ours that replication switches off',
    `select tgname as name from pg_trigger t join ${relations} on r.oid = t.tgrelid where not tgisinternal and tgenabled <> 'A'`,
  ],
  [
    'constraints without a name of their own',
    `select conname as name from pg_constraint k join ${relations} on r.oid = k.conrelid
     where contype = 'c' and conname ~ '_check[0-9]*$'`,
  ],
] as const)('there are no %s', async ([, sql], { db }) => {
  expect(await db.rows(sql)).toEqual([]);
});

test('there is something to be judged', async ({ db }) => {
  const count = (what: string) => db.value<number>(`select count(*)::int from ${what}`);
  expect(await count(functions)).toBeGreaterThan(40);
  expect(await count(relations)).toBeGreaterThan(15);
});
