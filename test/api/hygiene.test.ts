import { once } from 'node:events';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newEvent, type TestApi, testApi } from './harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi({
    http: {
      corsOrigins: ['https://app.example'],
      headersTimeout: 300,
      requestTimeout: 600,
      maxHeaderSize: 4_096,
      keepAliveTimeout: 100,
    },
  });
});
afterAll(() => it.close());

const json = { 'content-type': 'application/json' };

describe('request ids', () => {
  test('a sane one is taken over, into the answer, the problem and the log', async () => {
    const answer = await it.request('GET', '/events/x', undefined, { 'x-request-id': 'a/b-1' });
    expect(answer.headers.get('x-request-id')).toBe('a/b-1');
    expect(answer.json.instance).toBe('urn:event-scheduler:request:a/b-1');
    await vi.waitFor(() => expect(it.log.join('')).toContain('"requestId":"a/b-1"'), {
      timeout: 20_000,
    });
  });

  test.each([undefined, '', 'a b', 'é', 'x'.repeat(129), '{"a":1}'])(
    'instead of %j one is made',
    async (given) => {
      const headers = given === undefined ? {} : { 'x-request-id': given };
      const made = (await it.request('GET', '/health/live', undefined, headers)).headers;
      expect(made.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    },
  );

  test('what is no URL has one, too', async () => {
    const answer = await it.request('GET', '/events/%zz');
    expect(answer.headers.get('x-request-id')).toBe(String(answer.json.instance).split(':').at(-1));
  });
});

describe('compression', () => {
  /** fetch unpacks by itself */
  async function raw(path: string, headers: Record<string, string>) {
    const { hostname, port } = new URL(it.api.rest);
    const socket = connect(Number(port), hostname);
    const lines = Object.entries({ host: `${hostname}:${port}`, connection: 'close', ...headers });
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    return { head: all.subarray(0, end).toString().toLowerCase(), body: all.subarray(end + 4) };
  }

  test('lists are packed for who takes it, single events are not: their tag is of these bytes', async () => {
    const event = newEvent({ payload: Buffer.alloc(3_000).toString('base64') });
    await it.request('POST', '/events', event);
    const list = await raw('/events?limit=1', { 'accept-encoding': 'gzip' });
    expect(list.head).toContain('content-encoding: gzip');
    expect(list.head).toMatch(/vary: .*accept-encoding/);
    expect(JSON.parse(gunzipSync(list.body).toString())).toHaveLength(1);
    expect((await raw('/events?limit=1', {})).head).not.toContain('content-encoding');
    const single = await raw(`/events/${event.id}`, { 'accept-encoding': 'gzip' });
    expect(single.head).not.toContain('content-encoding');
  });

  test.each([
    ['gzip', gzipSync],
    ['X-GZip', gzipSync],
    ['deflate', deflateSync],
    ['identity', Buffer.from],
  ])('bodies may be packed: %s', async (encoding, pack) => {
    const body = pack(JSON.stringify(newEvent()));
    const answer = await it.request('POST', '/events', body, {
      ...json,
      'content-encoding': encoding,
    });
    expect(answer).toMatchObject({ status: 201 });
  });

  test('another packing is 415 and says which are known', async () => {
    const body = brotliCompressSync(JSON.stringify(newEvent()));
    const answer = await it.request('POST', '/events', body, { ...json, 'content-encoding': 'br' });
    expect(answer).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
    expect(answer.headers.get('accept-encoding')).toBe('gzip, deflate');
  });

  test('what cannot be unpacked is 400', async () => {
    const headers = { ...json, 'content-encoding': 'gzip' };
    const answer = await it.request('POST', '/events', 'no gzip', headers);
    expect(answer).toMatchObject({ status: 400, json: { code: 'bad_request' } });
  });

  test('a bomb is 413 after the 16 MiB that are looked at', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, '['));
    const before = process.memoryUsage().rss;
    const answer = await it.request('POST', '/events', bomb, {
      ...json,
      'content-encoding': 'gzip',
    });
    expect(answer).toMatchObject({ status: 413, json: { code: 'body_too_large' } });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });
});

describe('CORS', () => {
  const origin = 'https://app.example';

  test('a page of an allowed origin may call, and read what it needs', async () => {
    const preflight = await it.request('OPTIONS', '/events/batch', undefined, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, authorization, if-match',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('if-match');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    const answer = await it.request('GET', '/events?limit=1', undefined, { origin });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toContain('ETag');
    const refused = await it.request('GET', '/events/x', undefined, { origin });
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
  });

  test('no other one may', async () => {
    const headers = { origin: 'https://other.example', 'access-control-request-method': 'POST' };
    const preflight = await it.request('OPTIONS', '/events', undefined, headers);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    const other = await it.request('GET', '/events', undefined, { origin: headers.origin });
    expect(other).toMatchObject({ status: 403, json: { code: 'foreign_origin' } });
  });

  test('without the setting there is none', async () => {
    const plain = await testApi({ database: it.database });
    try {
      const headers = { origin, 'access-control-request-method': 'POST' };
      const preflight = await plain.request('OPTIONS', '/events', undefined, headers);
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
      expect(preflight.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
    } finally {
      await plain.close();
    }
  });
});

describe('OPTIONS', () => {
  test.each([
    ['/events', 'GET, HEAD, OPTIONS, POST'],
    ['/events/x', 'GET, HEAD, OPTIONS, PUT'],
    ['/events/x/cancel', 'OPTIONS, PATCH'],
    ['/openapi.json', 'GET, HEAD, OPTIONS'],
  ])('%s says what is allowed', async (path, allow) => {
    const answer = await it.request('OPTIONS', path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, allow]);
  });
});

describe('what is sent slowly, or too much', () => {
  /** All that comes back for some bytes. */
  async function sendRaw(bytes: string): Promise<string> {
    const { hostname, port } = new URL(it.api.rest);
    const socket = connect(Number(port), hostname);
    socket.write(bytes);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    return answer;
  }
  const head = 'POST /events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n';

  test.each([
    ['half a head', head, 408, 'request_timeout'],
    ['half a body', `${head}content-length: 100\r\n\r\n{`, 408, 'request_timeout'],
    ['long headers', `${head}x: ${'x'.repeat(5_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ['no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
  ])('%s is a problem, and the end of its connection', async (_name, bytes, status, code) => {
    const answer = await sendRaw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain(`"code":"${code}"`);
  });

  test('a connection that is idle for long is closed', async () => {
    const answer = await sendRaw('GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 200 .*keep-alive/s);
  });
});
