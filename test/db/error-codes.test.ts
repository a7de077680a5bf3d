import { expect } from 'vitest';
import { dueEvent, eventIn, Relay } from './lanes.ts';
import {
  batch,
  creation,
  inputs,
  newEvent,
  replacement,
  type Session,
  schedule,
  test,
} from './session.ts';

/** How each code of error_codes comes about, and the field that it names. */
type Raise = (db: Session) => Promise<unknown>;

const create = (fields: Record<string, unknown>): Raise => {
  return (db) => db.rows(...creation(newEvent(fields)));
};

async function claimed(db: Session) {
  const { id } = await dueEvent(db);
  const relay = new Relay(db);
  const lane = await relay.laneOf(id);
  return { id, relay, lane, batch: await relay.batch(lane) };
}

const raises: Record<string, [field: string, raise: Raise]> = {
  invalid_id: ['id', create({ id: 'no-uuid' })],
  invalid_date_time: ['scheduledAt', create({ scheduled_at: 'tomorrow' })],
  invalid_timezone: ['timezone', create({ timezone: 'FOO+3' })],
  invalid_payload: ['payload', create({ payload: null })],
  invalid_topic: ['destinationTopic', create({ destination_topic: '__consumer_offsets' })],
  invalid_ends_at: ['endsAt', create({ ends_at: '2098-12-31T23:59:59Z' })],
  invalid_policy: ['gap', create({ gap: 'skip' })],
  invalid_duration: ['maxLateness', create({ max_lateness: '15 minutes' })],
  invalid_headers: ['headers.ce_id', create({ headers: { ce_id: 'mine' } })],
  message_too_large: ['payload', create({ payload: Buffer.alloc(900_001) })],
  invalid_recurrence: ['recurrence', create({ recurrence: 'RRULE:FREQ=FORTNIGHTLY' })],
  duplicate_id: [
    '[1].id',
    (db) => {
      const event = newEvent();
      return db.rows(...batch([event, event]));
    },
  ],
  invalid_event: ['lanes', (db) => db.rows('select scheduler.set_lane_count(0)')],
  not_identified: [
    '',
    (db) => db.actingAs(undefined, 'operator', () => db.rows(...creation(newEvent()))),
  ],
  forbidden: ['', (db) => db.actingAs('local', 'reader', () => db.rows(...creation(newEvent())))],
  topic_not_granted: [
    'destinationTopic',
    (db) => db.actingAs('nobody', 'producer', () => db.rows(...creation(newEvent()))),
  ],
  not_found: ['id', (db) => db.rows(`select scheduler.cancel_event('${newEvent().id}')`)],
  id_taken: [
    'id',
    async (db) => {
      const { id } = await dueEvent(db);
      await db.rows(...creation(newEvent({ id })));
    },
  ],
  final: [
    'status',
    async (db) => {
      const id = await eventIn(db, 'PUBLISHED');
      await db.rows('select scheduler.cancel_event($1)', [id]);
    },
  ],
  in_flight: [
    'id',
    async (db) => {
      const { id } = await claimed(db);
      await db.rows('select scheduler.cancel_event($1)', [id]);
    },
  ],
  status_mismatch: [
    'status',
    async (db) => {
      const { id } = await dueEvent(db);
      await db.rows(...replacement(id, {}, 'CANCELED'));
    },
  ],
  series_changed: [
    'id',
    async (db) => {
      const { id } = await schedule(db, { recurrence: 'RRULE:FREQ=DAILY' });
      await db.rows(
        `select scheduler_private.cancel_instance($1 || '_20990102T000000Z', row('2099-01-02Z', '2099-01-02', false, 1), 99)`,
        [id],
      );
    },
  ],
  isolation_level: [
    '',
    async (db) => {
      await db.client.query('rollback');
      const { id } = await dueEvent(db);
      await db.client.query('begin isolation level repeatable read');
      await db.rows('select scheduler.cancel_event($1)', [id]);
    },
  ],
  immutable: [
    'id',
    async (db) => {
      const { id } = await dueEvent(db);
      await db.rows(`update scheduler_private.events set owner = 'local' where id = $1`, [id]);
    },
  ],
  not_deletable: [
    'id',
    async (db) => {
      const { id } = await dueEvent(db);
      await db.rows('delete from scheduler_private.events where id = $1', [id]);
    },
  ],
  fence_lost: ['fence', (db) => new Relay(db).claim({ lane: 0, fence: '99' })],
  batch_open: [
    'lane',
    async (db) => {
      const { relay, lane } = await claimed(db);
      await relay.claim(lane);
    },
  ],
  lane_quarantined: [
    'lane',
    async (db) => {
      const { relay, lane } = await claimed(db);
      await relay.quarantine(lane);
      await relay.claim(lane);
    },
  ],
  deployment_mismatch: [
    'DEPLOYMENT',
    async (db) => {
      await new Relay(db).register('mine', 'cluster');
      await new Relay(db).register('other', 'cluster');
    },
  ],
  not_quarantined: ['lane', (db) => db.rows(`select scheduler.resolve_quarantine(0, 'confirm')`)],
  batches_open: [
    '',
    async (db) => {
      await claimed(db);
      await db.rows('select scheduler.set_lane_count(8)');
    },
  ],
};

test.for(Object.entries(raises))('%s', async ([code, [field, raise]], { db, dba }) => {
  const error: unknown = await raise(db).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await dba.client.query('rollback');
  const listed = await dba.row('select * from scheduler_private.error_codes where code = $1', [
    code,
  ]);
  expect(error).toMatchObject({
    code: listed.sqlstate,
    constraint: code,
    column: field,
    message: listed.title,
    hint: listed.hint,
    severity: 'ERROR',
  });
  expect(listed.hint).not.toBe('');
});

test('every code of the list is raised above', async ({ db }) => {
  const listed = await db.rows('select code from scheduler_private.error_codes order by code');
  expect(listed.map(({ code }) => code)).toEqual(Object.keys(raises).sort());
});

test('every code has an HTTP status of its class', async ({ db }) => {
  const wrong = await db.rows(
    `select code from scheduler_private.error_codes where http_status not between 400 and 499
       or title = '' or hint = '' or title ~ '[.]$'`,
  );
  expect(wrong).toEqual([]);
});

test('a replacement that is not legal names its field without an index', async ({ db }) => {
  const { id } = await dueEvent(db);
  const [sql, values] = inputs([newEvent({ id: null, timezone: 'PST' })], 2);
  expect(
    await db.refusal(`select scheduler.replace_event($1, (${sql})[1])`, [id, ...values]),
  ).toMatchObject({ code: 'invalid_timezone', field: 'timezone' });
});
