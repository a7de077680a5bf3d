import type { FastifyPluginAsync } from 'fastify';
import type { Pool } from 'pg';
import { isUsable } from '../api/database.ts';
import type { ErrorCatalogue } from '../api/errors.ts';
import { answer, openRefusals } from './openapi/answers.ts';
import { liveSchema, readySchema } from './schemas/health.ts';

export interface HealthRoutesOptions {
  readonly pool: Pool;
  readonly errors: ErrorCatalogue;
  /** whether the process is about to end */
  readonly isStopping: () => boolean;
}

/** A lane that stands still: because an operator must decide, or a row lock holds it. */
interface StandingLane {
  readonly lane: number;
  readonly quarantineReason: string | null;
  readonly quarantinedAt: string | null;
  readonly blockedByPids: number[] | null;
}

/** A relay that Kafka refuses: its certificate, its login, or for want of an ACL. What is due waits. */
interface TroubledRelay {
  readonly relay: string;
  readonly trouble: string;
  readonly troubledAt: string;
}

interface Relays {
  /** how many are alive */
  readonly alive: number;
  readonly troubled: readonly TroubledRelay[];
}

interface Health {
  readonly schemaVersion: number;
  readonly lanes: readonly StandingLane[];
  readonly ticksAreReadable: boolean;
  readonly relaysAreReadable: boolean;
}

const HEALTH = `
  select scheduler.schema_version() as "schemaVersion",
    has_table_privilege('scheduler_private.ticks', 'select') as "ticksAreReadable",
    to_regclass('scheduler.relays') is not null as "relaysAreReadable",
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'lane', l.lane, 'quarantineReason', l.quarantine_reason, 'quarantinedAt', l.quarantined_at,
        'blockedByPids', l.blocked_by_pids) order by l.lane)
      from scheduler.lanes l
      where l.quarantined_at is not null or cardinality(l.blocked_by_pids) > 0
    ), '[]') as lanes`;

/** Whether this process lives, and whether it can serve requests. Anybody may ask. */
export const healthRoutes: FastifyPluginAsync<HealthRoutesOptions> = async (
  app,
  { pool, errors, isStopping },
) => {
  app.get(
    '/health/live',
    {
      schema: {
        operationId: 'isLive',
        summary: 'Tell whether this process lives',
        tags: ['Health'],
        security: [],
        response: { 200: answer(liveSchema, 'It lives.'), ...openRefusals(errors) },
      },
    },
    async () => ({ status: 'live' as const }),
  );

  app.get(
    '/health/ready',
    {
      schema: {
        operationId: 'isReady',
        summary: 'Tell whether this process can serve requests',
        description: 'The database answers, and its schema is one that this program works with.',
        tags: ['Health'],
        security: [],
        response: {
          200: answer(readySchema, 'It can.'),
          ...openRefusals(errors, 'database_unavailable', 'stopping'),
        },
      },
    },
    async () => {
      if (isStopping()) {
        throw errors.refusal('stopping');
      }
      const health = await readHealth(pool);
      if (!isUsable(health.schemaVersion)) {
        const detail = `The schema has version ${health.schemaVersion}, which this program does not work with.`;
        throw errors.refusal('database_unavailable', { detail });
      }
      const { schemaVersion, lanes } = health;
      const lastTick = health.ticksAreReadable ? await readLastTick(pool) : null;
      const relays = health.relaysAreReadable ? { relays: await readRelays(pool) } : {};
      // Lanes and Kafka are the relays' business: an API that sent its load elsewhere would mend nothing.
      return { status: 'ready' as const, schemaVersion, lastTick, lanes, ...relays };
    },
  );
};

async function readHealth(pool: Pool): Promise<Health> {
  const { rows } = await pool.query<Health>({ name: 'health', text: HEALTH });
  if (!rows[0]) {
    throw new Error('the database does not tell its health');
  }
  return rows[0];
}

async function readLastTick(pool: Pool): Promise<string | null> {
  const { rows } = await pool.query<{ tickedAt: string | null }>({
    name: 'last_tick',
    text: 'select ticked_at as "tickedAt" from scheduler_private.ticks',
  });
  return rows[0]?.tickedAt ?? null;
}

// One that cannot start is not alive, but says every second what it lacks.
const RELAYS = `
  select count(*) filter (where alive_until > now())::integer as alive,
    coalesce(jsonb_agg(jsonb_build_object('relay', relay, 'trouble', trouble, 'troubledAt', troubled_at) order by relay)
      filter (where trouble is not null and alive_until > now() - interval '10 seconds'), '[]') as troubled
  from scheduler.relays`;

async function readRelays(pool: Pool): Promise<Relays> {
  const { rows } = await pool.query<Relays>({ name: 'relays', text: RELAYS });
  if (!rows[0]) {
    throw new Error('the database does not tell of relays');
  }
  return rows[0];
}
