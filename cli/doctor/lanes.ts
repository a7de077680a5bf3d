import type pg from 'pg';
import { type Finding, ok, problem, warning } from './finding.ts';

interface LaneRow {
  readonly lane: number;
  readonly relay: string | null;
  readonly quarantineReason: string | null;
  readonly blockers: number[] | null;
  /** seconds; null: nothing is late */
  readonly late: number | null;
}

/** seconds that a relay that works never needs */
const TOLERATED_LATENESS = 10;
/** ms; instants are the database's, so that only people are misled */
const TOLERATED_CLOCK_DIFFERENCE = 1_000;

/** Whether every lane is owned, moves, and is on time. */
export async function checkLanes(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query<LaneRow>(
    `select lane, case when lease_until > clock_timestamp() then relay end as relay,
       quarantine_reason as "quarantineReason", blocked_by_pids as blockers,
       extract(epoch from clock_timestamp() - next_due_at)::float as late
     from scheduler.lanes order by lane`,
  );
  return [
    ...checkOwners(rows),
    ...(await checkRelays(client)),
    ...rows.flatMap(checkStanding),
    ...checkLateness(rows),
  ];
}

/** What Kafka refuses a relay. */
async function checkRelays(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query<{ relay: string; trouble: string }>(
    'select relay, trouble from scheduler.relays where trouble is not null order by relay',
  );
  const remedy = 'Mend what it says; the relay goes on by itself.';
  return rows.map(({ relay, trouble }) => problem('relays', `${relay}: ${trouble}`, remedy));
}

function checkOwners(lanes: readonly LaneRow[]): Finding[] {
  const ownerless = lanes.filter(({ relay }) => relay === null).map(({ lane }) => lane);
  if (ownerless.length > 0) {
    const detail = `no relay owns ${named(ownerless)}`;
    const remedy = 'Start a relay (`npm run relay`), or look at the log of those that run.';
    return [problem('lanes', detail, remedy)];
  }
  const relays = new Set(lanes.map(({ relay }) => relay));
  return [ok('lanes', `${lanes.length}, owned by ${[...relays].join(', ')}`)];
}

function checkStanding({ lane, quarantineReason, blockers }: LaneRow): Finding[] {
  const findings: Finding[] = [];
  if (quarantineReason !== null) {
    const remedy =
      'Decide by docs/guarantees.md (“A lane in quarantine”), then scheduler.resolve_quarantine.';
    findings.push(problem('quarantine', `lane ${lane}: ${quarantineReason}`, remedy));
  }
  if (blockers && blockers.length > 0) {
    const detail = `lane ${lane} waits for a row lock of ${blockers.join(', ')}`;
    const remedy = 'End that transaction, or: select pg_terminate_backend(<pid>);';
    findings.push(problem('locks', detail, remedy));
  }
  return findings;
}

function checkLateness(lanes: readonly LaneRow[]): Finding[] {
  const late = lanes.filter(({ late }) => late !== null && late > TOLERATED_LATENESS);
  if (late.length === 0) return [ok('lateness', 'nothing is overdue')];
  const most = Math.round(Math.max(...late.map((row) => row.late ?? 0)));
  const detail = `${named(late.map(({ lane }) => lane))} is late, by up to ${most} s`;
  const remedy = 'See what is wrong above or below; a relay that catches up is late for a while.';
  return [problem('lateness', detail, remedy)];
}

function named(lanes: readonly number[]): string {
  return `${lanes.length === 1 ? 'lane' : 'lanes'} ${lanes.join(', ')}`;
}

/** Whether the database's clock and this machine's agree. */
export async function checkClock(client: pg.Client): Promise<Finding[]> {
  const before = Date.now();
  const { rows } = await client.query<{ now: number }>(
    'select extract(epoch from clock_timestamp())::float * 1000 as now',
  );
  const after = Date.now();
  const difference = Math.round((rows[0]?.now ?? 0) - (before + after) / 2);
  const detail = `the database's is ${Math.abs(difference)} ms ${difference < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(difference) - (after - before) / 2 <= TOLERATED_CLOCK_DIFFERENCE) {
    return [ok('clock', detail)];
  }
  const remedy = 'Set both by NTP: instants are those of the database.';
  return [warning('clock', detail, remedy)];
}
