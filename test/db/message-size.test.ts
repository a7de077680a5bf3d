import { describe, expect } from 'vitest';
import { creation, type EventFields, newEvent, schedule, test } from './session.ts';

test('an empty payload is legal and no null', async ({ db }) => {
  const { id } = await schedule(db, { payload: Buffer.alloc(0) });
  const length = 'select octet_length(payload) from scheduler.event($1)';
  expect(await db.value(length, [id])).toBe(0);
});

describe('max_message_bytes counts payload, key and headers', () => {
  const sized = (payload: number, key: number, header: number): EventFields => ({
    payload: Buffer.alloc(payload),
    key: 'k'.repeat(key),
    headers: header === 0 ? {} : { h: 'v'.repeat(header) },
  });

  test.for([
    ['a payload', sized(100, 0, 0)],
    ['payload and key', sized(60, 40, 0)],
    // {"h": ""} is nine bytes around the value.
    ['payload, key and headers', sized(60, 20, 11)],
    ['headers alone', sized(0, 0, 91)],
  ] as const)('%s of just as many pass, one more does not', async ([, fields], { db }) => {
    await db.rows('update scheduler_private.settings set max_message_bytes = 100');
    await schedule(db, fields);
    const payload = Buffer.alloc((fields.payload as Buffer).length + 1);
    expect(await db.refusal(...creation(newEvent({ ...fields, payload })))).toMatchObject({
      code: 'message_too_large',
      field: 'payload',
    });
  });

  test('by default 900,000', async ({ db }) => {
    await schedule(db, sized(900_000, 0, 0));
    expect(await db.refusal(...creation(newEvent(sized(900_000, 1, 0))))).toMatchObject({
      code: 'message_too_large',
    });
  });
});
