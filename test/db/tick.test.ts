import { describe, expect } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { dueEvent, type Lane, later, Relay } from './lanes.ts';
import { heard } from './notifications.ts';
import { batch, newEvent, replacement, type Session, schedule, test } from './session.ts';

const tick = 'select scheduler_private.tick($1)';
const cancel = 'select scheduler.cancel_event($1)';

/** A key for each lane, by its number. */
async function keyOfLane(db: Session): Promise<string[]> {
  const rows = await db.rows<{ key: string }>(
    `select distinct on (lane) key from (
       select 'key ' || i as key, scheduler_private.lane_of('key ' || i, 4) as lane from generate_series(1, 100) i
     ) k order by lane`,
  );
  return rows.map(({ key }) => key);
}

/** Seconds from now, as a date-time. */
const soon = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

describe('a tick', () => {
  test('notifies the lanes that have work now or soon, no others', async ({ open }) => {
    const [dba, listener] = [await open(), await open()];
    const key = await keyOfLane(dba);
    const ids: string[] = [];
    for (const [lane, second] of [
      [0, -5],
      [0, -4],
      [1, 10],
      [2, 10.001],
      [3, 3_600],
    ] as const) {
      const event = { key: key[lane], scheduled_at: later(second) };
      ids.push((await dueEvent(dba, event)).id);
    }
    let lanes = 0;
    const work = async () => {
      lanes = await dba.value(tick, [later(0)]);
    };
    expect((await heard(listener, work)).sort()).toEqual(['0', '1']);
    expect(lanes).toBe(2);

    await dba.rows(`update scheduler_private.settings set horizon = '1 minute'`);
    expect((await heard(listener, work)).sort()).toEqual(['0', '1', '2']);
    await dba.rows(`update scheduler_private.settings set horizon = default`);
    for (const id of ids) await dba.rows(cancel, [id]);
    expect(await heard(listener, work)).toEqual([]);
    expect(lanes).toBe(0);
  });

  test('notes when it was and what is overdue', async ({ db }) => {
    const ticks = 'select ticked_at, oldest_due_at from scheduler_private.ticks';
    await db.rows(tick, [later(0)]);
    expect(await db.row(ticks)).toEqual({ ticked_at: new Date(later(0)), oldest_due_at: null });
    for (const second of [5, 3, 4]) await dueEvent(db, { scheduled_at: later(second) });
    await db.rows(tick, [later(3)]);
    expect(await db.row(ticks)).toMatchObject({ oldest_due_at: null });
    await db.rows(tick, [later(6)]);
    expect(await db.row(ticks)).toEqual({
      ticked_at: new Date(later(6)),
      oldest_due_at: new Date(later(3)),
    });
  });

  test('frees the lanes whose lease has expired, no others', async ({ db }) => {
    const relay = new Relay(db);
    const short = (await relay.acquire('5 seconds', later(0))) as Lane;
    const long = (await relay.acquire('9 seconds', later(0))) as Lane;
    const owned =
      'select lane from scheduler_private.lanes where relay_id is not null order by lane';
    await db.rows(tick, [later(5)]);
    expect(await db.rows(owned)).toHaveLength(2);
    await db.rows(tick, [later(5.001)]);
    expect(await db.rows(owned)).toEqual([{ lane: long.lane }]);
    const fence = 'select fence from scheduler_private.lanes where lane = $1';
    expect(await db.value(fence, [short.lane])).toBe(short.fence);
  });

  test('passes over a lane that somebody has locked', async ({ open }) => {
    const [dba, blocker] = [await open(), await open()];
    await new Relay(dba).acquire('1 second', later(0));
    await blocker.rows('begin');
    await blocker.rows('select from scheduler_private.lanes for update');
    await dba.rows(`set lock_timeout = '1s'`);
    await dba.rows(tick, [later(60)]);
    await blocker.rows('rollback');
    await dba.rows(tick, [later(60)]);
    const owned = 'select lane from scheduler_private.lanes where relay_id is not null';
    expect(await dba.rows(owned)).toEqual([]);
  });
});

describe('a statement notifies', () => {
  test('each lane once, however many events it brings', async ({ open }) => {
    const [dba, listener] = [await open(), await open()];
    const key = await keyOfLane(dba);
    const events = Array.from({ length: 60 }, (_, i) =>
      newEvent({ key: key[i % 3], scheduled_at: soon(i % 2 === 0 ? -10 : 5) }),
    );
    const payloads = await heard(listener, () => dba.rows(...batch(events)));
    expect(payloads.sort()).toEqual(['0', '1', '2']);
    for (const { id } of events) await dba.rows(cancel, [id]);
  });

  test('nobody of what lies beyond the horizon', async ({ open }) => {
    const [dba, listener] = [await open(), await open()];
    let id = '';
    const work = async () => {
      ({ id } = (await schedule(dba, { scheduled_at: soon(60) })) as { id: string });
      await dba.rows(...replacement(id, { scheduled_at: soon(70) }));
      await dba.rows(cancel, [id]);
    };
    expect(await heard(listener, work)).toEqual([]);
    await dba.rows(`update scheduler_private.settings set horizon = '2 minutes'`);
    expect(await heard(listener, work)).not.toEqual([]);
    await dba.rows(`update scheduler_private.settings set horizon = default`);
  });

  test('the lane of an event that moves to within it', async ({ open }) => {
    const [dba, listener] = [await open(), await open()];
    const [key] = (await keyOfLane(dba)).slice(3);
    const { id } = await schedule(dba, { key: 'key 1', scheduled_at: soon(3_600) });
    const near = { key, scheduled_at: soon(5) };
    expect(await heard(listener, () => dba.rows(...replacement(id, near)))).toEqual(['3']);
    const plain = `update scheduler_private.events set due_at = due_at + interval '1 second' where id = $1`;
    expect(await heard(listener, () => dba.rows(plain, [id]))).toEqual(['3']);
    expect(await heard(listener, () => dba.rows(cancel, [id]))).toEqual([]);
  });

  test('nobody of what relays do', async ({ open }) => {
    const [dba, listener] = [await open(), await open()];
    const { id } = await schedule(dba, { scheduled_at: soon(-10) });
    const relay = new Relay(dba);
    const lane = await relay.laneOf(id);
    const work = async () => {
      await relay.reject(lane, await relay.batch(lane, { now: soon(0) }), [id], { now: soon(-10) });
      await relay.confirm(lane, await relay.batch(lane, { now: soon(60) }));
    };
    expect(await heard(listener, work)).toEqual([]);
  });
});

describe('tick_for_a_minute, for pg_cron below 1.5', () => {
  const run = 'call scheduler_private.tick_for_a_minute()';
  const tickedAt = 'select ticked_at from scheduler_private.ticks';

  /** Runs it, again and again since a run ends with its minute, while something is done. */
  async function whileRunning(open: () => Promise<Session>, work: (pid: number) => Promise<void>) {
    const [runner, dba] = [await open(), await open()];
    const pid = await runner.value<number>('select pg_backend_pid()');
    let done = false;
    const runs = (async () => {
      while (!done) await runner.rows(run).catch(() => undefined);
    })();
    try {
      await work(pid);
    } finally {
      done = true;
      await dba.rows('select pg_cancel_backend($1)', [pid]);
      await runs;
    }
  }

  test('ticks again and again', async ({ open }) => {
    const dba = await open();
    await whileRunning(open, async () => {
      const seen = new Set<number>();
      await waitFor('three ticks', 20_000, async () => {
        seen.add((await dba.value<Date | null>(tickedAt))?.getTime() ?? 0);
        return seen.size > 3;
      });
    });
  });

  test('neither ticks nor waits while another run ticks', async ({ open }) => {
    const [other, dba] = [await open(), await open()];
    await other.rows('begin');
    await other.rows('select from scheduler_private.ticks for no key update');
    const before = await dba.value(tickedAt);
    await whileRunning(open, async (pid) => {
      const event = 'select wait_event from pg_stat_activity where pid = $1';
      await waitFor('it sleeps', 20_000, async () => (await dba.value(event, [pid])) === 'PgSleep');
      expect(await dba.value(tickedAt)).toEqual(before);
      await other.rows('rollback');
      await waitFor('a tick', 20_000, async () => {
        const now = await dba.value<Date | null>(tickedAt);
        return now !== null && now.getTime() !== (before as Date | null)?.getTime();
      });
    });
  });
});

test('install_cron answers null where pg_cron is not', async ({ db }) => {
  expect(await db.value('select scheduler_private.install_cron()')).toBeNull();
});
