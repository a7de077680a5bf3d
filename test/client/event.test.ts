import { expect, test } from 'vitest';
import { createSchedulableEvent, decodePayload } from '../../client/index.ts';

const given = {
  scheduledAt: '2035-04-15T10:00:00',
  timezone: 'Asia/Tokyo',
  destinationTopic: 'a-destination-topic',
};
const textOf = (base64: string) => new TextDecoder().decode(decodePayload(base64));

test('an event gets an id that sorts by time, and keeps one that is given', () => {
  const id = '8b82e04b-7764-430b-bc49-0393235f8927';
  const [first, second] = [1, 2].map((payload) => createSchedulableEvent({ ...given, payload }));
  expect(first?.id).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(second && first && second.id > first.id).toBe(true);
  expect(createSchedulableEvent({ ...given, payload: '', id }).id).toBe(id);
});

test('a payload is bytes as they are, text in UTF-8 or JSON', () => {
  const payloadOf = (payload: object | string | number | null) =>
    createSchedulableEvent({ ...given, payload }).payload;
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
  expect(payloadOf(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  expect(payloadOf(bytes.buffer)).toBe(Buffer.from(bytes).toString('base64'));
  expect(decodePayload(payloadOf(bytes))).toEqual(bytes);
  expect(textOf(payloadOf('žluť €'))).toBe('žluť €');
  expect(payloadOf('')).toBe('');
  expect(textOf(payloadOf({ id: 1, of: ['ž'] }))).toBe('{"id":1,"of":["ž"]}');
  expect(textOf(payloadOf([1, 2]))).toBe('[1,2]');
  expect(textOf(payloadOf(null))).toBe('null');
  expect(() => payloadOf(() => 1)).toThrow('payload: it is neither bytes, text nor JSON');
});

test('dates are instants, text is passed on, lines of a recurrence are joined', () => {
  const event = createSchedulableEvent({
    ...given,
    payload: '',
    endsAt: new Date('2035-04-15T11:00:00Z'),
    recurrence: ['RRULE:FREQ=DAILY;COUNT=2', 'EXDATE:20350416T100000'],
    key: 'a key',
  });
  expect(event).toMatchObject({
    ...given,
    endsAt: '2035-04-15T11:00:00.000Z',
    recurrence: 'RRULE:FREQ=DAILY;COUNT=2\nEXDATE:20350416T100000',
    key: 'a key',
  });
  expect(() =>
    createSchedulableEvent({ ...given, payload: '', scheduledAt: new Date(Number.NaN) }),
  ).toThrow(RangeError);
});
