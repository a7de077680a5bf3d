import { request } from 'node:http';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenIssuer } from '../../harness/token-issuer.ts';
import { newEvent, type TestApi, testApi } from '../harness.ts';

let issuer: TokenIssuer;
let local: TestApi;
let anonymous: TestApi;
beforeAll(async () => {
  issuer = await TokenIssuer.start();
  local = await testApi();
  const { database } = local;
  const tokens = issuer.settings();
  anonymous = await testApi({ database, anonymousIdentity: 'alice', tokens });
});
afterAll(async () => {
  await anonymous.close();
  await local.close();
  await issuer.close();
});

/** With headers that fetch would not send. */
function ask(
  { api }: TestApi,
  headers: Record<string, string>,
  path = `/events/${newEvent().id}`,
  method = 'GET',
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    request(`${api.rest}${path}`, { headers, method }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('an open API', () => {
  test.each(['localhost', 'LOCALHOST:1', '127.0.0.1:8080', '127.9.9.9', '[::1]:80'])(
    'answers to Host %s',
    async (host) => {
      expect((await ask(local, { host })).status).toBe(404);
    },
  );

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io:8080', '10.0.0.1', 'a b'])(
    'refuses Host %s, which may be a website’s name for this machine',
    async (host) => {
      const { status, body } = await ask(local, { host });
      expect([status, JSON.parse(body).code]).toEqual([403, 'foreign_origin']);
      expect((await ask(local, { host }, '/graphql', 'POST')).status).toBe(403);
    },
  );
});

describe.each([
  ['open', () => local],
  ['anonymous', () => anonymous],
])('in %s mode', (_name, api) => {
  test('pages of other sites are refused', async () => {
    const foreign = ['https://evil.example', 'http://localhost:1', 'null', 'nonsense'];
    for (const origin of foreign) {
      const { status, body } = await ask(api(), { origin });
      expect([status, JSON.parse(body)]).toMatchObject([403, { code: 'foreign_origin' }]);
    }
  });

  test('pages of its own origin are answered', async () => {
    expect((await ask(api(), { origin: api().api.rest })).status).toBe(404);
  });

  test('what a page can send without asking first is no JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      for (const path of ['/events', '/graphql']) {
        const body = JSON.stringify(newEvent());
        const { status } = await api().request('POST', path, body, { 'content-type': type });
        expect(status).toBe(415);
      }
    }
  });
});

test('a token comes from no browser that was not given it: its page may be anywhere', async () => {
  const authorization = `Bearer ${await issuer.token()}`;
  const origin = 'https://app.example';
  expect((await ask(anonymous, { authorization, origin })).status).toBe(404);
});

test('browsers let every page open a websocket: those of other sites may do nothing over it', async () => {
  const answer = async (origin: string): Promise<unknown> => {
    // Node, unlike a browser, lets us say where the page is from.
    class PageSocket extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, { protocols, headers: { origin } } as unknown as string[]);
      }
    }
    const url = local.api.graphql.replace('http', 'ws');
    const client = createClient({ url, retryAttempts: 0, webSocketImpl: PageSocket });
    try {
      const { value } = await client
        .iterate({ query: `{ event(id: "${newEvent().id}") { id } }` })
        .next();
      return value;
    } catch (refused) {
      return refused;
    } finally {
      await client.dispose();
    }
  };
  expect(JSON.stringify(await answer('https://evil.example'))).toContain('foreign_origin');
  expect(await answer(local.api.rest)).toEqual({ data: { event: null } });
});
