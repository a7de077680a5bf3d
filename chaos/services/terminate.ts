import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { lockOf } from './lock-to-wait-for.ts';

/** Functions of the scheduler in which a connection can be terminated. */
export const STATEMENTS = [
  ...(['claim', 'confirm', 'discard', 'read_lane'] as const),
  ...(['renew_leases', 'acquire_lane', 'schedule_event'] as const),
] as const;

export type Statement = (typeof STATEMENTS)[number];

/**
 * `inside`: before it commits, so that nothing has happened; `committed`: after, before anybody can be
 * told: its answer is lost.
 */
export const MOMENTS = ['inside', 'committed'] as const;

export type Moment = (typeof MOMENTS)[number];

export interface Termination {
  readonly statement: Statement;
  readonly moment: Moment;
  /** milliseconds to wait for such a statement */
  readonly limitMs: number;
}

/** ms for which one lock is held, and for which commits wait: leases have to be renewed meanwhile. */
const HOLD = { inside: 250, committed: 100 } as const;
/** ms between two looks */
const PAUSE = 3;

interface Session {
  readonly client: pg.Client;
  readonly pid: number;
}

/** Who holds the locks, and who watches and terminates. */
interface Sessions {
  readonly holder: Session;
  readonly watcher: Session;
}

/**
 * Terminates a connection while a statement of the scheduler is under way on it. That it is caught there
 * is not left to luck: it waits for a lock of ours, or, with its commit, for a standby that is not there.
 * @param url DSN of the DBA
 * @returns in words, what was hit; null when no such statement came by
 */
export async function terminateIn(url: string, termination: Termination): Promise<string | null> {
  const deadline = performance.now() + termination.limitMs;
  const holder = await connect(url);
  const watcher = await connect(url);
  try {
    return await terminate({ holder, watcher }, termination, deadline);
  } finally {
    await holder.client.end();
    await watcher.client.end();
  }
}

async function terminate(
  sessions: Sessions,
  { statement, moment }: Termination,
  deadline: number,
): Promise<string | null> {
  while (performance.now() < deadline) {
    // A batch that a relay does not know of is discarded: the answer to its claim has to be lost.
    if (statement === 'discard') await whenCommitted(sessions.watcher, 'claim', deadline);
    // A discard comes soon after that, or not at all.
    const end = Math.min(
      deadline,
      performance.now() + (statement === 'discard' ? 1_000 : Infinity),
    );
    const hit =
      moment === 'committed'
        ? await whenCommitted(sessions.watcher, statement, end)
        : await whenInside(sessions, statement, end);
    if (hit !== null) return hit;
  }
  return null;
}

async function whenInside(
  { holder, watcher }: Sessions,
  statement: Statement,
  deadline: number,
): Promise<string | null> {
  const lock = lockOf(statement);
  const waits = `a.wait_event_type = 'Lock' and ${holder.pid} = any (pg_blocking_pids(a.pid))`;
  let turn = 0;
  while (performance.now() < deadline) {
    await holder.client.query('begin');
    try {
      const held = await lock(holder.client, turn);
      const hold = held ? HOLD.inside : 0;
      const caught = await catchIn(watcher, statement, { waits, hold, stopAtOthers: true });
      if (caught.hit !== null) return caught.hit;
      // Another statement is let through, and the next one on its connection may be ours.
      if (!caught.others) turn++;
    } finally {
      await holder.client.query('rollback');
    }
  }
  return null;
}

async function whenCommitted(
  watcher: Session,
  statement: Statement,
  deadline: number,
): Promise<string | null> {
  const waits = `a.wait_event = 'SyncRep'`;
  while (performance.now() < deadline) {
    try {
      await setStandby(watcher, `set synchronous_standby_names = 'nobody'`);
      const hold = HOLD.committed;
      const { hit } = await catchIn(watcher, statement, { waits, hold, stopAtOthers: false });
      if (hit !== null) return hit;
    } finally {
      await setStandby(watcher, 'reset synchronous_standby_names');
    }
    await sleep(PAUSE);
  }
  return null;
}

/** With a standby that does not exist every commit waits, done but not seen by anybody. */
async function setStandby({ client }: Session, how: string): Promise<void> {
  await client.query(`alter system ${how}`);
  await client.query('select pg_reload_conf()');
}

interface Watch {
  /** SQL: whether the backend `a` waits for us */
  readonly waits: string;
  /** ms */
  readonly hold: number;
  /** another statement that waits ends the watch */
  readonly stopAtOthers: boolean;
}

interface Caught {
  /** in words; null: none */
  readonly hit: string | null;
  /** whether other statements waited */
  readonly others: boolean;
}

async function catchIn(
  { client }: Session,
  statement: Statement,
  { waits, hold, stopAtOthers }: Watch,
): Promise<Caught> {
  let others = false;
  const end = performance.now() + hold;
  do {
    const { rows } = await client.query<{ who: string; hit: boolean | null }>({
      text: `with waiting as materialized (
          select a.pid, a.application_name, a.usename, a.query ~ $1 as matches
          from pg_stat_activity a
          where a.usename in ('scheduler_relay', 'scheduler_api') and ${waits}
        ), victim as (select min(pid) as pid from waiting where matches)
        select format('%s %s', w.usename, w.application_name) as who,
          case when w.pid = v.pid then pg_terminate_backend(w.pid, 1000) end as hit
        from waiting w, victim v`,
      values: [`\\m(scheduler|scheduler_private)\\.${statement}\\(`],
    });
    const victim = rows.find((row) => row.hit);
    if (victim) return { hit: `${statement} of ${victim.who}`, others };
    others ||= rows.length > 0;
    if (others && stopAtOthers) break;
    await sleep(PAUSE);
  } while (performance.now() < end);
  return { hit: null, others };
}

async function connect(url: string): Promise<Session> {
  const client = new pg.Client({ connectionString: url, application_name: 'chaos' });
  client.on('error', () => undefined); // the query in flight or the next one throws it
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return { client, pid: rows[0]?.pid ?? 0 };
}
