import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { newEvent, send, type TestApi, testApi } from './harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

interface Program {
  readonly child: ChildProcess;
  /** what it has written so far */
  readonly out: () => string;
  readonly err: () => string;
  /** its exit code, once it has ended */
  readonly exit: Promise<number | null>;
}

function run(env: NodeJS.ProcessEnv): Program {
  const main = new URL('../../api/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, PORT: '0', DATABASE_URL: it.database.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Also after a failure; one that has ended does not mind.
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, out: () => out, err: () => err, exit };
}

async function urlsOf(program: Program): Promise<{ rest: string; graphql: string }> {
  await vi.waitFor(() => expect(program.out()).toMatch(/^ready .*\n$/), { timeout: 60_000 });
  return JSON.parse(program.out().slice('ready '.length));
}

test('it says where it is, and every line of its log is JSON', async () => {
  const program = run({});
  const { rest, graphql } = await urlsOf(program);
  expect(rest).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(graphql).toBe(`${rest}/graphql`);
  expect((await send(`${rest}/events`, 'POST', newEvent())).status).toBe(201);
  expect((await send(`${rest}/events`, 'POST', {})).status).toBe(400);
  program.child.kill('SIGINT');
  expect(await program.exit).toBe(0);
  const lines = program.err().trim().split('\n');
  expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'));
  expect(program.out().trim().split('\n')).toHaveLength(1);
});

test('SIGTERM lets what is in flight finish, then ends with 0', async () => {
  const program = run({});
  const { rest } = await urlsOf(program);
  const event = newEvent();
  await send(`${rest}/events`, 'POST', event);
  const holder = await it.dba.connect();
  try {
    await holder.query('begin');
    await holder.query('select from scheduler_private.events where id = $1 for update', [event.id]);
    const canceling = send(`${rest}/events/${event.id}/cancel`, 'PATCH');
    await vi.waitFor(async () => {
      const { rowCount } = await it.dba.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      expect(rowCount).toBe(1);
    });
    program.child.kill('SIGTERM');
    await vi.waitFor(() => expect(program.err()).toContain('"stopping"'));
    await holder.query('rollback');
    const { status, json } = await canceling;
    expect([status, json.status]).toEqual([200, 'CANCELED']);
    expect(await program.exit).toBe(0);
    expect(program.err()).not.toContain('gave up');
    await expect(send(`${rest}/health/live`, 'GET')).rejects.toThrow();
  } finally {
    holder.release(true);
  }
});

test('while it stops it is not ready, and connections that say nothing do not hold it up', async () => {
  const program = run({});
  const { rest } = await urlsOf(program);
  const { hostname, port } = new URL(rest);
  const [silent, asking] = [connect(Number(port), hostname), connect(Number(port), hostname)];
  await Promise.all([once(silent, 'connect'), once(asking, 'connect')]);
  let answer = '';
  asking.on('data', (chunk) => {
    answer += chunk;
  });
  asking.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await vi.waitFor(() => expect(answer).toContain('200 OK'), { timeout: 20_000 });
  // Its head begins before the stop: in flight.
  asking.write('GET /health/ready HTTP/1.1\r\n');
  await send(`${rest}/health/live`, 'GET');
  program.child.kill('SIGTERM');
  await Promise.all([
    once(silent, 'close'),
    vi.waitFor(() => expect(program.err()).toContain('"stopping"'), { timeout: 20_000 }),
  ]);
  asking.write('host: localhost\r\n\r\n');
  await once(asking, 'close');
  const [, second = ''] = answer.split(/(?=HTTP\/1.1 503)/);
  expect(second).toMatch(/^HTTP\/1.1 503 .*"code":"stopping"/s);
  expect(second.toLowerCase()).toContain('retry-after: 2\r\n');
  expect(second.toLowerCase()).toContain('connection: close\r\n');
  expect(await program.exit).toBe(0);
  expect(program.err()).not.toContain('gave up');
});

test.each<[string, NodeJS.ProcessEnv, string]>([
  ['a host that lets strangers in', { HOST: '0.0.0.0' }, 'ANONYMOUS_IDENTITY'],
  ['no database', { DATABASE_URL: '' }, 'API_DATABASE_URL'],
  ['an origin that is none', { CORS_ORIGINS: 'https://x/y' }, 'CORS_ORIGINS'],
  ['limits that contradict', { REQUEST_TIMEOUT_SECONDS: '5' }, 'HEADERS_TIMEOUT_SECONDS'],
  ['a port that is no port', { PORT: 'http' }, 'PORT'],
  ['a database that is away', { API_DATABASE_URL: 'postgres://127.0.0.1:1/x' }, 'ECONNREFUSED'],
])('with %s it ends with 1 and says why', async (_name, env, why) => {
  const program = run(env);
  expect(await program.exit).toBe(1);
  expect(program.out()).toBe('');
  expect(program.err()).toContain(why);
});
