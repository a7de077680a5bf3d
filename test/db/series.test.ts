import { describe, expect } from 'vitest';
import { dueAt, type Lane, later, Relay } from './lanes.ts';
import { newEvent, replacement, type Session, schedule, test } from './session.ts';

const HOUR = 3_600;
const start = Date.parse(dueAt) / 1_000;
const rule = { scheduled_at: dueAt, recurrence: 'RRULE:FREQ=HOURLY;COUNT=3' };

/** The occurrence so many hours after the first. */
const hour = (n: number) => {
  const instant = start + n * HOUR;
  return { instant, wall: instant, secondPass: false, revision: 1 };
};

const hours = (n: number) => later(n * HOUR);

const instance = (id: string, n: number) =>
  `${id}_${new Date((start + n * HOUR) * 1_000).toISOString().replace(/[-:]|\.000/g, '')}`;

interface Series {
  readonly id: string;
  readonly relay: Relay;
  readonly lane: Lane;
}

const nothing = { settled: [], dropped: [], passed: null, judgedUntil: null, error: null };

async function expand({ relay, lane, id }: Series, result: Record<string, unknown>) {
  const marked = (await relay.toExpand(lane)).find((series) => series.id === id);
  const expanded = { id, version: marked?.version, ...nothing, exhausted: true, ...result };
  return relay.storeOccurrences(lane, [expanded]);
}

/** A series of three hours, expanded. */
async function threeHours(db: Session, fields: Record<string, unknown> = {}): Promise<Series> {
  const { id } = await schedule(db, { ...rule, ...fields });
  const relay = new Relay(db);
  const series: Series = { id, relay, lane: await relay.laneOf(id) };
  await expand(series, { pending: [0, 1, 2].map(hour) });
  return series;
}

async function publish({ relay, lane }: Series, now: string): Promise<(string | null)[]> {
  const rows = await relay.claim(lane, { now });
  await relay.confirm(lane, rows[0]?.batch_id as string, now);
  return rows.map((row) => row.event_id);
}

const read = (db: Session, id: string) => db.row('select * from scheduler.event($1)', [id]);

describe('a series', () => {
  test('waits for its expansion, is due at its occurrences, and ends PUBLISHED', async ({ db }) => {
    const { id } = await schedule(db, rule);
    expect(await read(db, id)).toMatchObject({ status: 'SCHEDULED', next_at: null, ...rule });
    const relay = new Relay(db);
    const series: Series = { id, relay, lane: await relay.laneOf(id) };
    expect(await relay.claim(series.lane)).toMatchObject([{ event_id: null, expansions: true }]);
    expect(await relay.toExpand(series.lane)).toMatchObject([
      { id, checked: false, watermark: null, revisions: [{ number: 1 }], unsettled: [] },
    ]);
    await expand(series, { pending: [0, 1, 2].map(hour) });
    expect(await read(db, id)).toMatchObject({ next_at: new Date(dueAt) });
    expect(await publish(series, hours(1))).toEqual([instance(id, 0), instance(id, 1)]);
    expect(await read(db, id)).toMatchObject({ status: 'SCHEDULED', next_at: new Date(hours(2)) });
    expect(await publish(series, hours(2))).toEqual([instance(id, 2)]);
    expect(await read(db, id)).toMatchObject({ status: 'PUBLISHED', next_at: null });
    expect(await relay.toExpand(series.lane)).toEqual([]);
  });

  test('gives its instances its own id as key and header', async ({ db }) => {
    const { id, relay, lane } = await threeHours(db, { headers: { a: 'b' } });
    expect(await relay.claim(lane)).toMatchObject([
      { key: id, headers: { a: 'b', 'scheduler-series-id': id }, scheduled_at: dueAt },
    ]);
  });

  test('is asked for again when its last occurrence but one is taken', async ({ db }) => {
    const { id } = await schedule(db, rule);
    const relay = new Relay(db);
    const series: Series = { id, relay, lane: await relay.laneOf(id) };
    await expand(series, { pending: [0, 1, 2].map(hour), exhausted: false });
    expect(await relay.toExpand(series.lane)).toEqual([]);
    await publish(series, hours(1));
    expect(await relay.toExpand(series.lane)).toMatchObject([
      { id, checked: true, watermark: { instant: start + HOUR } },
    ]);
  });

  test('does not change while one of its instances is being published', async ({ db }) => {
    const { id, relay, lane } = await threeHours(db);
    const claimed = await relay.batch(lane);
    for (const attempt of [
      () => db.refusal('select scheduler.cancel_event($1)', [id]),
      () => db.refusal('select scheduler.cancel_event($1)', [instance(id, 0)]),
      () => db.refusal('select scheduler.cancel_event($1)', [instance(id, 1)]),
      () => db.refusal(...replacement(id, rule)),
      () => db.refusal(...replacement(instance(id, 1), {})),
      () =>
        db.refusal(`update scheduler_private.events set status = 'CANCELED' where id = $1`, [id]),
    ]) {
      expect(await attempt()).toMatchObject({ code: 'in_flight' });
    }
    await relay.discard(lane, claimed);
    await db.row('select scheduler.cancel_event($1)', [id]);
    expect(await relay.claim(lane, { now: hours(3) })).toMatchObject([{ event_id: null }]);
  });

  test('cancelled by plain SQL takes its exceptions along', async ({ db }) => {
    const { id } = await threeHours(db);
    await db.rows(...replacement(instance(id, 1), { scheduled_at: hours(9) }));
    await db.rows(`update scheduler_private.events set status = 'CANCELED' where id = $1`, [id]);
    expect(await read(db, instance(id, 1))).toMatchObject({ status: 'CANCELED', next_at: null });
  });

  test('stays until its exceptions are dealt with', async ({ db }) => {
    const series = await threeHours(db);
    await db.rows(...replacement(instance(series.id, 1), { scheduled_at: hours(9) }));
    expect(await publish(series, hours(3))).toEqual([
      instance(series.id, 0),
      instance(series.id, 2),
    ]);
    expect(await read(db, series.id)).toMatchObject({
      status: 'SCHEDULED',
      next_at: new Date(hours(9)),
    });
    expect(await publish(series, hours(9))).toEqual([instance(series.id, 1)]);
    expect(await read(db, series.id)).toMatchObject({ status: 'PUBLISHED' });
  });

  test('of which everything was cancelled is CANCELED', async ({ db }) => {
    const { id } = await threeHours(db);
    for (const n of [2, 0, 1]) {
      expect(await read(db, id)).toMatchObject({ status: 'SCHEDULED' });
      await db.rows('select scheduler.cancel_event($1)', [instance(id, n)]);
    }
    expect(await read(db, id)).toMatchObject({ status: 'CANCELED' });
  });

  test('goes on when an occurrence is refused, which becomes an exception', async ({ db }) => {
    const series = await threeHours(db);
    const { id, relay, lane } = series;
    const batch = await relay.batch(lane, { now: hours(1) });
    const rest = await relay.reject(lane, batch, [instance(id, 0)], { now: hours(1) });
    expect(await read(db, instance(id, 0))).toMatchObject({
      status: 'SCHEDULED',
      retry: 1,
      last_error: 'unknown_topic',
      recurrence_id: id,
    });
    await relay.confirm(lane, rest as string, hours(1));
    for (const day of [1, 2]) {
      const again = await relay.batch(lane, { limit: 1, now: hours(1 + day / 10) });
      await relay.reject(lane, again, [instance(id, 0)], { now: hours(1 + day / 10) });
    }
    expect(await read(db, instance(id, 0))).toMatchObject({ status: 'FAILED', retry: 3 });
    expect(await publish(series, hours(2))).toEqual([instance(id, 2)]);
    expect(await read(db, id)).toMatchObject({ status: 'PUBLISHED' });
  });

  test('passes over what is later than maxLateness, and what its owner may not send', async ({
    db,
  }) => {
    const series = await threeHours(db, { max_lateness: 'PT1M' });
    expect(await publish(series, hours(1))).toEqual([instance(series.id, 1)]);
    await db.rows(`delete from scheduler_private.topic_grants`);
    expect(await series.relay.claim(series.lane, { now: hours(2) })).toMatchObject([
      { event_id: null },
    ]);
    expect(
      await db.rows('select reason from scheduler_private.passed_ranges order by until_instant'),
    ).toEqual([{ reason: 'missed' }, { reason: 'topic_not_granted' }]);
    expect(await read(db, series.id)).toMatchObject({ status: 'PUBLISHED' });
  });

  test('of which nothing could go to its topic is FAILED', async ({ db }) => {
    const { id, relay, lane } = await threeHours(db);
    await db.rows(`delete from scheduler_private.topic_grants`);
    await relay.claim(lane, { now: hours(2) });
    expect(await read(db, id)).toMatchObject({ status: 'FAILED', last_error: 'topic_not_granted' });
  });

  test.for(['latest', 'skip'])(
    'with missed = %s is judged anew when it is late',
    async (missed, { db }) => {
      const series = await threeHours(db, { missed });
      expect(await series.relay.claim(series.lane, { now: later(61) })).toMatchObject([
        { event_id: null, expansions: true },
      ]);
      const passed = hour(0);
      await expand(series, { pending: [hour(1), hour(2)], passed, judgedUntil: start + HOUR });
      expect(await publish(series, hours(1.5))).toEqual([instance(series.id, 1)]);
    },
  );

  test('that cannot be expanded is FAILED', async ({ db }) => {
    const { id } = await schedule(db, rule);
    const relay = new Relay(db);
    const error = { code: 'invalid_recurrence', detail: 'It has no occurrence.' };
    await expand({ id, relay, lane: await relay.laneOf(id) }, { pending: [], error });
    expect(await read(db, id)).toMatchObject({
      status: 'FAILED',
      last_error: 'invalid_recurrence',
    });
  });

  test('that has changed since it was read stays marked', async ({ db }) => {
    const { id } = await schedule(db, rule);
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    const [marked] = await relay.toExpand(lane);
    await db.rows(...replacement(id, { ...rule, recurrence: 'RRULE:FREQ=HOURLY;COUNT=2' }));
    const expanded = { ...nothing, id, version: marked?.version, pending: [hour(0)] };
    expect(await relay.storeOccurrences(lane, [{ ...expanded, exhausted: true }])).toBe(0);
    expect(await relay.toExpand(lane)).toMatchObject([{ id }]);
  });
});

describe('a new rule', () => {
  const other = { ...rule, recurrence: 'RRULE:FREQ=HOURLY;INTERVAL=2' };

  test('closes a revision, drops what is pending, and holds exceptions until they are settled', async ({
    db,
  }) => {
    const series = await threeHours(db);
    const { id, relay, lane } = series;
    for (const n of [0, 1]) {
      await db.rows(...replacement(instance(id, n), { scheduled_at: hours(n + 5) }));
    }
    await db.rows(...replacement(id, other));
    expect(await relay.claim(lane, { now: hours(20) })).toMatchObject([{ event_id: null }]);
    const [marked] = await relay.toExpand(lane);
    expect(marked).toMatchObject({
      revisions: [
        { number: 1, recurrence: rule.recurrence },
        { number: 2, recurrence: other.recurrence },
      ],
    });
    expect(marked?.unsettled.map((one) => one.id).sort()).toEqual([
      instance(id, 0),
      instance(id, 1),
    ]);
    const settled = [{ id: instance(id, 0), ...hour(0) }];
    await expand(series, { pending: [hour(0), hour(2)], settled, dropped: [instance(id, 1)] });
    expect(await db.rows('select * from scheduler.event($1)', [instance(id, 1)])).toMatchObject([
      { id: null },
    ]);
    expect(await publish(series, hours(20))).toEqual([instance(id, 2), instance(id, 0)]);
  });

  test('keeps what is overdue by the old one', async ({ db }) => {
    const { id, relay, lane } = await threeHours(db, { scheduled_at: '2020-01-01T00:00:00Z' });
    await db.rows(
      `update scheduler_private.series set pending = array[row('2020-01-01Z', '2020-01-01', false, 1), row('2098-01-01Z', '2098-01-01', false, 1)]::scheduler_private.occurrence[] where event_id = $1`,
      [id],
    );
    await db.rows(...replacement(id, other));
    expect(await relay.claim(lane, { now: hours(1) })).toMatchObject([
      { event_id: `${id}_20200101T000000Z` },
    ]);
  });

  test('is neither added to an event nor taken away', async ({ db }) => {
    const oneOff = await schedule(db, { scheduled_at: dueAt });
    const series = await threeHours(db);
    for (const [id, fields] of [
      [oneOff.id, rule],
      [series.id, { scheduled_at: dueAt }],
      [instance(series.id, 1), rule],
    ] as const) {
      expect(await db.refusal(...replacement(id, fields))).toMatchObject({
        code: 'invalid_recurrence',
        field: 'recurrence',
      });
    }
  });
});

describe('an exception', () => {
  test('is a snapshot of its series, and keeps the place when that changes', async ({ db }) => {
    const { id } = await threeHours(db, { ends_at: later(600), headers: { a: 'b' }, key: 'k' });
    const changed = await db.row(
      ...replacement(instance(id, 1), { scheduled_at: hours(5), destination_topic: 'another' }),
    );
    expect(changed).toMatchObject({
      id: instance(id, 1),
      recurrence_id: id,
      recurrence: null,
      destination_topic: 'another',
      status: 'SCHEDULED',
    });
    await db.rows(...replacement(id, { ...rule, destination_topic: 'third' }));
    expect(await read(db, instance(id, 1))).toMatchObject({ destination_topic: 'another' });
  });

  test('a cancelled one is as its series was', async ({ db }) => {
    const { id } = await threeHours(db, { ends_at: later(600), headers: { a: 'b' }, key: 'k' });
    await db.rows('select scheduler.cancel_event($1)', [instance(id, 1)]);
    expect(await read(db, instance(id, 1))).toMatchObject({
      scheduled_at: hours(1).replace('.000', ''),
      ends_at: later(HOUR + 600).replace('.000', ''),
      headers: { a: 'b' },
      key: 'k',
      status: 'CANCELED',
    });
  });

  test.for(['insert', 'cancel'])(
    'of what is not expanded is unknown to plain SQL: %s',
    async (how, { db }) => {
      const { id } = await threeHours(db);
      const other = instance(id, 7);
      const sql: [string, unknown[]] =
        how === 'cancel' ? ['select scheduler.cancel_event($1)', [other]] : replacement(other, {});
      expect(await db.refusal(...sql)).toMatchObject({ code: 'not_found', field: 'id' });
    },
  );

  test.for([
    'ABC_20980101T000000Z',
    '318849b6-39b9-47fb-8b23-4fd43089f03f_2098',
    '318849b6-39b9-47fb-8b23-4fd43089f03f_20981301T000000Z',
  ])('has the id of an instance: not %s', async (id, { db }) => {
    expect(await db.refusal(...replacement(id, {}))).toMatchObject({ field: 'id' });
  });

  test('leaves with its series, not before', async ({ db }) => {
    const { id } = await threeHours(db);
    await db.rows('select scheduler.cancel_event($1)', [instance(id, 1)]);
    expect(
      await db.refusal('delete from scheduler_private.events where id = $1', [instance(id, 1)]),
    ).toMatchObject({ code: 'not_deletable' });
    await db.rows('select scheduler.cancel_event($1)', [id]);
    await db.rows(`update scheduler_private.settings set retention = '0'`);
    expect(
      await db.value('select scheduler_private.delete_expired_events(10, $1)', [hours(1)]),
    ).toBe(1);
    const contents = 'select from scheduler_private.event_contents where left(event_id, 36) = $1';
    expect(await db.rows(contents, [id])).toEqual([]);
  });

  test('is not reached by who may not see its series', async ({ db }) => {
    const { id } = await threeHours(db);
    await db.actingAs('stranger', 'producer', async () => {
      for (const sql of [
        "replace_instance($1, row(null,$2,null,'','a',null,null,null,null,null,null,null,null), null)",
        'cancel_instance($1)',
      ]) {
        const values = sql.includes('$2') ? [instance(id, 1), hours(4)] : [instance(id, 1)];
        expect(await db.refusal(`select scheduler_private.${sql}`, values)).toMatchObject({
          code: 'not_found',
        });
      }
    });
  });
});

test('a time zone database that has changed moves wall times, and series are expanded anew', async ({
  db,
}) => {
  const zone = { timezone: 'Asia/Tokyo' };
  const oneOff = await schedule(db, newEvent({ ...zone, scheduled_at: '2098-01-01T09:00:00' }));
  const { id, relay, lane } = await threeHours(db, zone);
  expect(await relay.toExpand(lane)).toEqual([]);
  await db.rows(
    `update scheduler_private.events set scheduled_instant = scheduled_instant + interval '1 hour',
       due_at = due_at + interval '1 hour' where id = $1`,
    [oneOff.id],
  );
  expect(await db.value(`select scheduler_private.derive_instants_after('', 100)`)).not.toBe(null);
  expect(await read(db, oneOff.id)).toMatchObject({
    scheduled_instant: new Date(dueAt),
    next_at: new Date(dueAt),
  });
  expect(await relay.toExpand(lane)).toMatchObject([{ id, checked: true }]);
});

test('what was just expanded is not asked for again, though an exception leaves little of it', async ({
  db,
}) => {
  const series = await threeHours(db);
  await db.rows('select scheduler.cancel_event($1)', [instance(series.id, 1)]);
  await db.rows(`update scheduler_private.events set expand_by = now() where id = $1`, [series.id]);
  await expand(series, { pending: [0, 1].map(hour), exhausted: false });
  expect(await series.relay.toExpand(series.lane)).toEqual([]);
});
