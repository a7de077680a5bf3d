import pg from 'pg';
import { withClient } from '../../db/connect.ts';
import { loginUrl } from '../../db/roles.ts';
import { schemaVersion } from '../../db/schema-version.ts';
import type { Settings } from '../../settings/settings.ts';
import { type Finding, ok, problem, reasonOf, warning } from './finding.ts';
import { checkClock, checkLanes } from './lanes.ts';
import { checkCron } from './pg-cron.ts';

/** What the database knows of its Kafka cluster. */
export interface KnownToDatabase {
  /** null: no relay has been here yet */
  readonly deployment: { readonly name: string; readonly clusterId: string } | null;
  /** topics that were granted by name, and those that the next events of each lane go to */
  readonly topics: readonly string[];
  readonly exactlyOnce: boolean;
}

export interface DatabaseReport {
  readonly findings: readonly Finding[];
  /** null: it could not be asked */
  readonly known: KnownToDatabase | null;
}

type Check = (client: pg.Client) => Promise<Finding[]>;

const OLDEST_POSTGRES = 15;
/** Of each lane, so that the look costs the same however many wait. */
const EVENTS_LOOKED_AT = 1_000;

/** Asks Postgres how it, its pg_cron and the lanes do. */
export async function examineDatabase(settings: Settings): Promise<DatabaseReport> {
  const url = settings.databaseUrl ?? settings.relayDatabaseUrl ?? settings.apiDatabaseUrl;
  if (url === undefined) {
    const remedy =
      'Set DATABASE_URL (as DBA it can tell most), RELAY_DATABASE_URL or API_DATABASE_URL.';
    return { findings: [problem('database', 'nobody says where it is', remedy)], known: null };
  }
  try {
    return await withClient(url, async (client) => {
      await client.query(`set statement_timeout = '10s'; set timezone = 'UTC'`);
      return examine(client, settings);
    });
  } catch (error) {
    const remedy = 'Start Postgres, or correct the setting.';
    const { host, pathname } = new URL(url);
    const detail = `${host}${pathname}: ${reasonOf(error)}`;
    return { findings: [problem('database', detail, remedy)], known: null };
  }
}

async function examine(client: pg.Client, settings: Settings): Promise<DatabaseReport> {
  const { rows } = await client.query<{ version: string; user: string; isSetUp: boolean }>(
    `select current_setting('server_version') as version, current_user as user,
       to_regprocedure('scheduler.schema_version()') is not null as "isSetUp"`,
  );
  const { version = '0', user = '', isSetUp = false } = rows[0] ?? {};
  const findings = [checkPostgresVersion(version, user)];
  if (!isSetUp) {
    const remedy = 'Run `npm run db:migrate` against it.';
    findings.push(problem('schema', 'there is no schema `scheduler`', remedy));
    return { findings, known: null };
  }
  const checks: [name: string, check: Check][] = [
    ['schema', checkSchema],
    ['logins', (_client) => checkLogins(settings)],
    ['clock', checkClock],
    ['pg_cron', checkCron],
    ['lanes', checkLanes],
  ];
  for (const [name, check] of checks)
    findings.push(...(await asFarAsPossible(client, name, check)));
  let known: KnownToDatabase | null = null;
  const read = async () => {
    known = await readKnown(client);
    return [];
  };
  findings.push(...(await asFarAsPossible(client, 'topics', read)));
  return { findings, known };
}

/** What this login may not see, or this schema does not have, is said, and is no reason to end. */
async function asFarAsPossible(client: pg.Client, name: string, check: Check): Promise<Finding[]> {
  try {
    return await check(client);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const { code = '', message } = error;
    if (code === INSUFFICIENT_PRIVILEGE) {
      return [warning(name, message, 'Set DATABASE_URL to a DBA, who may see this.')];
    }
    const remedy = UNDEFINED.has(code) ? 'Run `npm run db:migrate`.' : 'See the log of Postgres.';
    return [problem(name, message, remedy)];
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';
/** column, function, table */
const UNDEFINED = new Set(['42703', '42883', '42P01']);

function checkPostgresVersion(version: string, user: string): Finding {
  const detail = `Postgres ${version}, as ${user}`;
  if (Number.parseInt(version, 10) >= OLDEST_POSTGRES) return ok('database', detail);
  return problem('database', detail, `Move to Postgres ${OLDEST_POSTGRES} or newer.`);
}

async function checkSchema(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query<{ version: number }>(
    'select scheduler.schema_version() as version',
  );
  const version = rows[0]?.version ?? 0;
  const detail = `version ${version}; this program works with ${schemaVersion - 1} and ${schemaVersion}`;
  if (version === schemaVersion) return [ok('schema', detail)];
  if (version > schemaVersion) {
    return [problem('schema', detail, 'Use a newer release of these programs.')];
  }
  const find = version === schemaVersion - 1 ? warning : problem;
  return [find('schema', detail, 'Run `npm run db:migrate` of this release.')];
}

/** Whether API and relay can log in. */
async function checkLogins(settings: Settings): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const role of ['scheduler_api', 'scheduler_relay'] as const) {
    const url = loginUrl(settings, role);
    if (url === undefined) continue;
    findings.push(
      await withClient(url, async () => ok('logins', `${role} can log in`)).catch((error) =>
        problem(
          'logins',
          `${role}: ${reasonOf(error)}`,
          'Run `npm run db:migrate`, which sets the passwords that follow from DATABASE_URL, or correct the setting.',
        ),
      ),
    );
  }
  return findings;
}

async function readKnown(client: pg.Client): Promise<KnownToDatabase | null> {
  const { rows } = await client.query<KnownToDatabase>(KNOWN, [EVENTS_LOOKED_AT]);
  return rows[0] ?? null;
}

const KNOWN = `
  select
    (select jsonb_build_object('name', name, 'clusterId', kafka_cluster_id)
     from scheduler_private.deployment) as deployment,
    (select delivery_mode = 'exactly_once' from scheduler_private.settings) as "exactlyOnce",
    array(
      select topic from scheduler_private.topic_grants where not prefix
      union
      select waiting.destination_topic from scheduler_private.lanes l cross join lateral (
        select e.destination_topic from scheduler_private.events e
        where e.lane = l.lane and e.due_at is not null order by e.due_at limit $1
      ) waiting
      order by 1
    ) as topics`;
