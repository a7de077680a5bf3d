import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startApi } from '../../api/server.ts';
import { withDatabase } from '../../db/connect.ts';
import { schemaVersion } from '../../db/schema-version.ts';
import { query } from '../harness/database.ts';
import { newEvent, send, type TestApi, testApi } from './harness.ts';
import { type TestRelay, testRelay } from './relay.ts';

let it: TestApi;
let relay: TestRelay;
beforeAll(async () => {
  it = await testApi();
  relay = await testRelay(it.database.relayUrl);
});
afterAll(async () => {
  await relay.close();
  await it.close();
});

test('it lives', async () => {
  expect(await it.request('GET', '/health/live')).toMatchObject({
    status: 200,
    json: { status: 'live' },
  });
});

test('it is ready, and tells of lanes that stand still', async () => {
  const before = await it.request('GET', '/health/ready');
  expect(before.status).toBe(200);
  expect(before.json).toMatchObject({ status: 'ready', schemaVersion, lanes: [] });

  await relay.quarantine(2, 'a reason');
  const after = await it.request('GET', '/health/ready');
  expect(after.status).toBe(200);
  expect(after.json.lanes).toMatchObject([{ lane: 2, quarantineReason: 'a reason' }]);
});

test('it tells of relays that Kafka refuses, until it does no more', async () => {
  const report = (trouble: string | null) =>
    query(it.database.relayUrl, 'select scheduler_private.report_trouble($1, $2, $3)', [
      '0197f0a6-0000-7000-8000-000000000000',
      'host:1',
      trouble,
    ]);
  const trouble = 'tls_failed: certificate expired';
  await report(trouble);
  const before = await it.request('GET', '/health/ready');
  expect(before.json.relays).toMatchObject({ troubled: [{ relay: 'host:1', trouble }] });
  await report(null);
  const after = await it.request('GET', '/health/ready');
  expect(after.json.relays).toMatchObject({ troubled: [] });
});

test('it names the processes whose row locks hold a lane', async () => {
  const holder = await it.dba.connect();
  const held = new pg.Client({
    connectionString: it.database.relayUrl,
    application_name: 'scheduler relay lane 0',
  });
  await held.connect();
  try {
    await holder.query('begin');
    await holder.query('select from scheduler_private.lanes where lane = 0 for update');
    const { rows } = await holder.query('select pg_backend_pid() as pid');
    // Expected from now on: it may come before the rollback below has answered.
    const claim = held.query('select from scheduler_private.claim(0::smallint, 0, 1)');
    const refused = expect(claim).rejects.toThrow('Another relay has taken this lane over');
    const lanes = [expect.objectContaining({ lane: 0, blockedByPids: [rows[0].pid] })];
    await vi.waitFor(async () => {
      const { json } = await it.request('GET', '/health/ready');
      expect(json.lanes).toEqual(expect.arrayContaining(lanes));
    });
    await holder.query('rollback');
    await refused;
  } finally {
    holder.release(true);
    await held.end();
  }
});

test('a schema of another version makes it not ready', async () => {
  await setVersion(schemaVersion + 1);
  try {
    const { status, json } = await it.request('GET', '/health/ready');
    expect([status, json.code]).toEqual([503, 'database_unavailable']);
    expect(json.detail).toContain(`version ${schemaVersion + 1}`);
  } finally {
    await setVersion(schemaVersion);
  }
});

test.each([schemaVersion + 1, schemaVersion - 2])(
  'it does not start on schema version %i, and says what to do',
  async (version) => {
    await setVersion(version);
    try {
      await expect(start(apiUrl())).rejects.toThrow(`schema version ${version}`);
    } finally {
      await setVersion(schemaVersion);
    }
  },
);

test('it starts on the version before', async () => {
  await setVersion(schemaVersion - 1);
  try {
    const api = await start(apiUrl());
    expect((await fetch(`${api.rest}/health/ready`)).status).toBe(200);
    await api.close();
  } finally {
    await setVersion(schemaVersion);
  }
});

test('it does not start on a database that nobody set up', async () => {
  await expect(start(withDatabase(apiUrl(), 'postgres'))).rejects.toThrow('set-up');
});

test('connections that the server ends are replaced', async () => {
  await it.request('POST', '/events', newEvent());
  const { rowCount } = await it.dba.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'scheduler api'`,
  );
  expect(rowCount).toBeGreaterThan(0);
  await vi.waitFor(async () => {
    expect((await it.request('POST', '/events', newEvent())).status).toBe(201);
  });
});

test.each<[string, (id: string) => Promise<unknown>, unknown]>([
  [
    'REST',
    async (id) => (await it.request('PATCH', `/events/${id}/cancel`)).json,
    { code: 'database_unavailable' },
  ],
  [
    'GraphQL',
    (id) => it.graphql(`mutation { cancelEvent(input: {id: "${id}"}) { event { id } } }`),
    { errors: [{ extensions: { code: 'database_unavailable' } }] },
  ],
])(
  'a connection that ends under a %s request fails that request only',
  async (_name, ask, answer) => {
    const { id } = newEvent();
    await it.request('POST', '/events', newEvent({ id }));
    const holder = await it.dba.connect();
    try {
      await holder.query('begin');
      await holder.query('select from scheduler_private.events where id = $1 for update', [id]);
      const asked = ask(id);
      await vi.waitFor(async () => {
        const { rowCount } = await it.dba.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
         where wait_event_type = 'Lock' and datname = current_database()`,
        );
        expect(rowCount).toBe(1);
      });
      expect(await asked).toMatchObject(answer as object);
    } finally {
      holder.release(true);
    }
    await vi.waitFor(async () => expect(await ask(id)).not.toMatchObject(answer as object));
  },
);

test('while the database is away everything is 503, and afterwards all is well', async () => {
  const wire = await cuttableWire(new URL(it.database.url));
  const url = new URL(apiUrl());
  url.port = String(wire.port);
  const api = await start(url.toString());
  const event = newEvent();
  const routes: [string, string, unknown?][] = [
    ['POST', '/events', event],
    ['GET', `/events/${event.id}`],
    ['GET', `/events/${event.id}/status`],
    ['PUT', `/events/${event.id}`, event],
    ['PATCH', `/events/${event.id}/cancel`],
    ['GET', '/health/ready'],
  ];
  try {
    wire.cut();
    for (const [method, path, body] of routes) {
      const { status, json, headers } = await send(`${api.rest}${path}`, method, body);
      expect([path, status, json.code]).toEqual([path, 503, 'database_unavailable']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const query = { query: '{ event(id: "018f0000-0000-7000-8000-000000000001") { id } }' };
    const graphql = await send(`${api.graphql}`, 'POST', query);
    expect(graphql.json.errors).toMatchObject([{ extensions: { code: 'database_unavailable' } }]);
    expect((await send(`${api.rest}/health/live`, 'GET')).status).toBe(200);

    await wire.mend();
    expect((await send(`${api.rest}/health/ready`, 'GET')).status).toBe(200);
    expect((await send(`${api.rest}/events`, 'POST', event)).status).toBe(201);
    expect((await send(`${api.graphql}`, 'POST', query)).json).toEqual({ data: { event: null } });
  } finally {
    await api.close();
    wire.cut();
  }
});

const apiUrl = () => it.database.apiUrl;

const start = (databaseUrl: string) =>
  startApi({
    databaseUrl,
    host: '127.0.0.1',
    port: 0,
    identity: { anonymousIdentity: undefined, tokens: undefined },
    log: pino({ level: 'silent' }),
  });

const setVersion = (version: number) =>
  it.dba.query(`create or replace function scheduler.schema_version() returns integer
    language sql immutable as 'select ${version}'`);

/** A TCP proxy in front of Postgres that can be cut and mended. */
async function cuttableWire({ hostname, port }: URL) {
  const sockets = new Set<Socket>();
  const join = (near: Socket) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  };
  const listen = async (at: number): Promise<Server> => {
    const server = createServer(join).listen(at, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const address = server.address();
  const at = typeof address === 'object' && address ? address.port : 0;
  return {
    port: at,
    cut: () => {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      sockets.clear();
    },
    mend: async () => {
      server = await listen(at);
    },
  };
}
