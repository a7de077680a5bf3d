import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from './harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

/** field sent, its value, code and field of the problem (default: the field sent) */
const refusals: [field: string, value: unknown, code: string, at?: string][] = [
  ['id', 'nope', 'invalid_id'],
  ['id', 7, 'invalid_id'],
  ['id', '318849b6-39b9-47fb-8b23-4fd43089f03f_20250424T010000Z', 'invalid_id'],
  ['scheduledAt', undefined, 'invalid_date_time'],
  ['scheduledAt', null, 'invalid_date_time'],
  ['scheduledAt', '', 'invalid_date_time'],
  ['scheduledAt', 1900000000, 'invalid_date_time'],
  ['scheduledAt', '2030-02-30T00:00:00Z', 'invalid_date_time'],
  ['scheduledAt', '2030-01-01 00:00:00', 'invalid_date_time'],
  ['scheduledAt', '2030-01-01T00:00:00.1234567Z', 'invalid_date_time'],
  ['timezone', 'FOO+3', 'invalid_timezone'],
  ['timezone', '+09:00', 'invalid_timezone'],
  ['timezone', 9, 'invalid_timezone'],
  ['payload', undefined, 'invalid_payload'],
  ['payload', null, 'invalid_payload'],
  ['payload', {}, 'invalid_payload'],
  ['payload', 'aGk', 'invalid_payload'],
  ['payload', 'aGk=\n', 'invalid_payload'],
  ['payload', 'a_8=', 'invalid_payload'],
  ['payload', 'aGl=', 'invalid_payload'],
  ['payload', '=', 'invalid_payload'],
  ['payload', Buffer.alloc(900_001).toString('base64'), 'message_too_large'],
  ['destinationTopic', undefined, 'invalid_topic'],
  ['destinationTopic', '', 'invalid_topic'],
  ['destinationTopic', '__consumer_offsets', 'invalid_topic'],
  ['destinationTopic', 'scheduler-lane-ledger', 'invalid_topic'],
  ['destinationTopic', ['t'], 'invalid_topic'],
  ['endsAt', '2029-12-31T23:59:59Z', 'invalid_ends_at'],
  ['endsAt', 'soon', 'invalid_date_time'],
  ['gap', 'skip', 'invalid_policy'],
  ['overlap', 'both', 'invalid_policy'],
  ['missed', 'all', 'invalid_policy'],
  ['maxLateness', '15 minutes', 'invalid_duration'],
  ['maxLateness', 15, 'invalid_duration'],
  ['recurrence', 'RRULE:FREQ=DAILY;COUNT=0', 'invalid_recurrence'],
  ['key', 5, 'invalid_event'],
  ['key', 'a\0b', 'invalid_event'],
  ['key', '\ud800', 'invalid_event'],
  ['headers', 'x', 'invalid_headers'],
  ['headers', [], 'invalid_headers'],
  ['headers', { a: 1 }, 'invalid_headers', 'headers.a'],
  ['headers', { a: null }, 'invalid_headers', 'headers.a'],
  ['headers', { a: { b: 'c' } }, 'invalid_headers', 'headers.a'],
  ['headers', { 'a/b~c': 1 }, 'invalid_headers', 'headers.a/b~c'],
  ['headers', { ce_id: 'x' }, 'invalid_headers', 'headers.ce_id'],
  ['headers', { 'scheduler-x': 'x' }, 'invalid_headers', 'headers.scheduler-x'],
  ['headers', { a: '\0' }, 'invalid_event', 'headers.a'],
  ['headers', { '\0': 'a' }, 'invalid_event', 'headers'],
  ['status', 'PUBLISHED', 'invalid_event'],
  ['status', 1, 'invalid_event'],
  ['scheduled_at', 'x', 'invalid_event'],
  ['constructor', 'x', 'invalid_event'],
  ['owner', '\0', 'invalid_event'],
];

test.each(refusals)('%s: %j is refused as %s', async (field, value, code, at = field) => {
  const event: Json = newEvent({ [field]: value });
  const { status, headers, json } = await it.request('POST', '/events', event);
  expect({ status, ...json }).toMatchObject({
    status: 400,
    code,
    field: at,
    type: `urn:event-scheduler:error:${code}`,
    title: expect.stringMatching(/./),
    detail: expect.stringMatching(/./),
    hint: expect.stringMatching(/./),
  });
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { rows } = await it.dba.query('select from scheduler_private.events');
  expect(rows).toHaveLength(0);
});

test.each([
  ['aGk', 'multiple of 4'],
  ['a_8=', '"_" at position 1'],
  ['aG\n=', '"\\n" at position 2'],
  ['aGl=', 'bits that belong to no byte'],
  ['aG=k', '"=" at position 2'],
])('the payload %j is explained by %s', async (payload, explanation) => {
  const { json } = await it.request('POST', '/events', newEvent({ payload }));
  expect(json.detail).toContain(explanation);
});

test('what a constraint refuses shows nothing of the row', async () => {
  await it.dba.query(
    `alter table scheduler_private.event_contents add constraint no_secrets check (key <> 'secret')`,
  );
  const { status, json } = await it.request('POST', '/events', newEvent({ key: 'secret' }));
  expect([status, json.code]).toEqual([400, 'invalid_event']);
  expect(JSON.stringify(json)).not.toContain('secret');
});

test('a failure of ours shows nothing of itself, and is logged', async () => {
  await it.dba.query(`
    create function public.fail() returns trigger language plpgsql as
      $$ begin raise exception 'inner secret'; end $$;
    create trigger fail before insert on scheduler_private.events
      for each row execute function public.fail();
    alter table scheduler_private.events enable always trigger fail;`);
  const { status, json } = await it.request('POST', '/events', newEvent());
  expect([status, json.code]).toEqual([500, 'internal_error']);
  expect(JSON.stringify(json)).not.toContain('inner secret');
  expect(it.log.join('')).toContain('inner secret');
});
