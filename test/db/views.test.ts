import { describe, expect } from 'vitest';
import { dueAt, dueEvent, each, eventIn, later, Relay } from './lanes.ts';
import { type Session, schedule, test } from './session.ts';

const soon = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

/** What a statement reads, as the plan has it. */
async function plan(db: Session, sql: string): Promise<string> {
  const rows = await db.rows<{ 'QUERY PLAN': string }>(`explain (costs off) ${sql}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

test('due_soon has what is due within the hour, late what has been for a second', async ({
  db,
}) => {
  const times = { past: -5, now: 0.5, soon: 3_500, later: 3_700 };
  const ids = Object.fromEntries(
    await each(Object.entries(times), async ([name, seconds]) => [
      (await schedule(db, { scheduled_at: soon(seconds) })).id as string,
      name,
    ]),
  );
  const { id: series } = await schedule(db, {
    scheduled_at: '2001-01-01T00:00:00Z',
    recurrence: 'RRULE:FREQ=DAILY',
  });
  const names = async (view: string) =>
    (await db.rows<{ id: string }>(`select id from scheduler.${view} order by due_at`)).map(
      ({ id }) => ids[id] ?? id,
    );
  expect(await names('due_soon')).toContain('soon');
  expect(await names('due_soon')).not.toContain('later');
  // Nothing is known of a series that is not expanded.
  expect([...(await names('due_soon')), ...(await names('late'))]).not.toContain(series);
  expect(await names('late')).toEqual(['past']);
  const [late] = await db.rows<{ seconds: number }>(
    'select extract(epoch from lateness)::float as seconds from scheduler.late',
  );
  expect(late?.seconds).toBeGreaterThan(3);
});

test('failed says why', async ({ db }) => {
  const id = await eventIn(db, 'FAILED');
  await each(['SCHEDULED', 'PUBLISHED', 'CANCELED'] as const, (status) => eventIn(db, status));
  expect(await db.rows('select id, last_error, message from scheduler.failed')).toEqual([
    { id, last_error: 'unknown_topic', message: 'the broker said no' },
  ]);
});

test('throughput counts messages by the minute, whatever becomes of the lanes', async ({ db }) => {
  const tick = (seconds: number) => db.rows('select scheduler_private.tick($1)', [later(seconds)]);
  const published = async (count: number, seconds: number) => {
    const relay = new Relay(db);
    const events = await each(Array(count).fill({ key: 'one lane' }), (fields) =>
      dueEvent(db, fields),
    );
    const lane = await relay.laneOf(events[0]?.id ?? '');
    const now = later(seconds);
    await relay.confirm(lane, await relay.batch(lane, { now }), now);
    await relay.release(lane);
    await relay.retire();
  };
  await tick(0);
  await published(3, 10);
  await tick(30);
  await published(2, 40);
  await tick(61);
  await tick(121);
  await published(1, 130);
  await db.rows('select scheduler.set_lane_count(1)');
  expect(await db.rows('select published::int from scheduler.throughput order by minute')).toEqual([
    { published: 5 },
    { published: 0 },
    { published: 1 },
  ]);
  await tick(8 * 86_400);
  expect(await db.value('select count(*)::int from scheduler.throughput')).toBe(1);
});

describe('whoever looks', () => {
  test('finds what they may see', async ({ db }) => {
    const id = await eventIn(db, 'FAILED');
    const late = await schedule(db, { scheduled_at: soon(-5) });
    const seen = async (identity: string, role: string) =>
      db.actingAs(identity, role, async () => [
        ...(await db.rows('select id from scheduler.failed')),
        ...(await db.rows('select id from scheduler.late')),
      ]);
    const all = [{ id }, { id: late.id }];
    expect(await seen('rita', 'reader')).toEqual(all);
    expect(await seen('boss', 'operator')).toEqual(all);
    expect(await seen('alice', 'producer')).toEqual([]);
  });

  test('looks by index, at no event that waits for later', async ({ db }) => {
    await db.rows('set local enable_seqscan = off');
    for (const [identity, role] of [
      ['alice', 'producer'],
      ['boss', 'operator'],
    ] as const) {
      await db.actingAs(identity, role, async () => {
        for (const view of ['due_soon', 'late']) {
          expect(await plan(db, `select * from scheduler.${view}`)).toMatch(
            /Index Cond: \(\(x?\.?lane = l.lane\) AND \(.*due_at/,
          );
        }
      });
    }
  });
});

test('import_events stores like schedule_events, all or none', async ({ db }) => {
  const rows = (topic: string) => `array(select row(
    md5(n::text)::uuid, '${dueAt}', null, 'x', ${topic}, null, null, null, null, null, null, null, null
  )::scheduler.event_input from generate_series(1, 3) n)`;
  const wrong = `select scheduler.import_events(${rows(`case n when 3 then '..' else 'a' end`)})`;
  expect(await db.refusal(wrong)).toMatchObject({ field: '[2].destinationTopic' });
  const right = `select scheduler.import_events(${rows(`'a'`)})`;
  expect([await db.value(right), await db.value(right)]).toEqual([3, 3]);
  expect(await db.value('select count(*)::int from scheduler.events')).toBe(3);
});
