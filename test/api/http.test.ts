import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newEvent, type TestApi, testApi } from './harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const UNKNOWN = '018f0000-0000-7000-8000-000000000001';
const json = { 'content-type': 'application/json' };

describe.each([
  ['POST', '/events'],
  ['PUT', `/events/${UNKNOWN}`],
])('%s %s', (method, path) => {
  test.each([
    ['an empty body', '', 'malformed_json'],
    ['half an object', '{', 'malformed_json'],
    ['text after the object', '{}x', 'malformed_json'],
    ['a raw NUL', '{"key":"\0"}', 'malformed_json'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'malformed_json'],
    ['an array', '[]', 'invalid_event'],
    ['null', 'null', 'invalid_event'],
    ['a string', '"x"', 'invalid_event'],
    ['deep nesting', `{"owner":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, 'invalid_event'],
  ])('with %s is 400', async (_name, body, code) => {
    const answer = await it.request(method, path, body, json);
    expect([answer.status, answer.json.code]).toEqual([400, code]);
  });

  test('without any body is 400', async () => {
    const answer = await it.request(method, path);
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid_event']);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])(
    'with media type %s is 415',
    async (type) => {
      const body = JSON.stringify(newEvent());
      const answer = await it.request(method, path, body, { 'content-type': type });
      expect([answer.status, answer.json.code]).toEqual([415, 'unsupported_media_type']);
    },
  );

  test('with more than 16 MiB is 413', async () => {
    const body = `{"payload":"${'A'.repeat(16 * 1024 * 1024)}"}`;
    const answer = await it.request(method, path, body, json);
    expect([answer.status, answer.json.code]).toEqual([413, 'body_too_large']);
  });
});

test('the media type may have parameters', async () => {
  const type = { 'content-type': 'Application/JSON; charset=utf-8' };
  const answer = await it.request('POST', '/events', JSON.stringify(newEvent()), type);
  expect(answer.status).toBe(201);
});

test.each([
  ['GET', `/events/${UNKNOWN}`],
  ['GET', `/events/${UNKNOWN}/status`],
  ['PATCH', `/events/${UNKNOWN}/cancel`],
  ['PUT', `/events/${UNKNOWN}`],
  ['GET', `/events/${UNKNOWN}_20250424T010000Z`],
  ['PATCH', `/events/${UNKNOWN}_20250424T010000Z/cancel`],
])('%s %s of an unknown id is 404', async (method, path) => {
  const { id: _, ...event } = newEvent();
  const body = method === 'PUT' ? event : undefined;
  const answer = await it.request(method, path, body);
  expect([answer.status, answer.json.code, answer.json.field]).toEqual([404, 'not_found', 'id']);
});

test.each([
  '',
  'nope',
  'nope/status',
  `${UNKNOWN}%00`,
  `${UNKNOWN}x`,
  'a'.repeat(200),
  '%F0%9F%98%80',
])('GET /events/%s is 400', async (id) => {
  const answer = await it.request('GET', `/events/${id}`);
  expect([answer.status, answer.json.code, answer.json.field]).toEqual([400, 'invalid_id', 'id']);
});

test('a path that is no URL is 400', async () => {
  const answer = await it.request('GET', '/events/%zz');
  expect([answer.status, answer.json.code]).toEqual([400, 'bad_request']);
});

test.each(['/', '/event', `/events/${UNKNOWN}/nope`, '/health'])(
  'GET %s is no route: 404',
  async (path) => {
    const answer = await it.request('GET', path);
    expect([answer.status, answer.json.code]).toEqual([404, 'no_such_route']);
  },
);

test.each([
  ['DELETE', '/events/batch', 'OPTIONS, POST'],
  ['PUT', '/events', 'GET, HEAD, OPTIONS, POST'],
  ['DELETE', `/events/${UNKNOWN}`, 'GET, HEAD, OPTIONS, PUT'],
  ['POST', `/events/${UNKNOWN}/cancel`, 'OPTIONS, PATCH'],
  ['DELETE', `/events/${UNKNOWN}/status`, 'GET, HEAD, OPTIONS'],
  ['POST', '/health/ready', 'GET, HEAD, OPTIONS'],
  ['PUT', '/graphql', 'GET, HEAD, OPTIONS, POST'],
])('%s %s is 405 and names what is allowed', async (method, path, allow) => {
  const answer = await it.request(method, path, method === 'GET' ? undefined : 'x', {});
  expect([answer.status, answer.json.code]).toEqual([405, 'method_not_allowed']);
  expect(answer.headers.get('allow')).toBe(allow);
});

test('GET /graphql opens a websocket and does nothing else', async () => {
  const answer = await it.request('GET', '/graphql?query={__typename}');
  expect([answer.status, answer.json.code]).toEqual([405, 'method_not_allowed']);
});

test('HEAD of an event is GET without a body', async () => {
  const event = newEvent();
  await it.request('POST', '/events', event);
  const answer = await it.request('HEAD', `/events/${event.id}`);
  expect([answer.status, answer.json]).toEqual([200, {}]);
});

test('ids are read in any case', async () => {
  const event = newEvent();
  await it.request('POST', '/events', event);
  const { json: status } = await it.request('GET', `/events/${event.id.toUpperCase()}/status`);
  expect(status).toEqual({ id: event.id, status: 'SCHEDULED' });
});
