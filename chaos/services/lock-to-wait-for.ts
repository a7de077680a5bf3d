import type pg from 'pg';
import type { Statement } from './terminate.ts';

/**
 * Takes a lock that a statement has to wait for, and as few others as can be.
 * @param client in a transaction, the lock's life
 * @param turn of several rows: which one
 * @returns whether there was something to lock
 */
export type Lock = (client: pg.Client, turn: number) => Promise<boolean>;

export function lockOf(statement: Statement): Lock {
  return LOCKS[statement];
}

const LOCKS: Readonly<Record<Statement, Lock>> = {
  claim: lane,
  read_lane: restartedLane,
  // While the lane is free, so that its lease is renewed.
  confirm: openBatches,
  discard: openBatches,
  // These take no row lock that would wait. In its rounds a relay renews first, then acquires.
  renew_leases: table('relays', 'access exclusive'),
  acquire_lane: table('relays', 'access exclusive'),
  // Of what writes contents, only callers do.
  schedule_event: table('event_contents', 'share'),
};

/** One lane at a time: while it is locked its lease cannot be renewed. */
async function lane(client: pg.Client, turn: number): Promise<boolean> {
  return (await lockLane(client, turn)) !== null;
}

async function lockLane(client: pg.Client, turn: number): Promise<number | null> {
  const { rows } = await client.query<{ lane: number }>(
    `select l.lane from scheduler_private.lanes l
     where l.lane = $1 % (select count(*) from scheduler_private.lanes) for no key update`,
    [turn],
  );
  return rows[0]?.lane ?? null;
}

/** Reading comes first when a lane begins anew: its connection is terminated for that. */
async function restartedLane(client: pg.Client, turn: number): Promise<boolean> {
  const number = await lockLane(client, turn);
  const { rowCount } = await client.query(
    `select pg_terminate_backend(pid, 1000) from pg_stat_activity
     where usename = 'scheduler_relay' and application_name = $1`,
    [`scheduler relay lane ${number}`],
  );
  return rowCount !== 0;
}

async function openBatches(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from scheduler_private.batches for update skip locked',
  );
  return rowCount !== 0;
}

function table(name: string, mode: string): Lock {
  return async (client) => {
    await client.query(`lock table scheduler_private.${name} in ${mode} mode`);
    return true;
  };
}
