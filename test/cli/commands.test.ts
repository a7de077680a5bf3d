import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestApi, testApi } from '../api/harness.ts';
import { scheduler } from './scheduler.ts';

let api: TestApi;
const run = (...args: string[]) => scheduler(args, { env: { SCHEDULER_URL: api.api.rest } });

beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api.close());

test('an event is scheduled, read and cancelled', async () => {
  const id = randomUUID();
  const bytes = join(tmpdir(), id);
  await writeFile(bytes, Uint8Array.of(0, 255));
  const scheduled = await run(
    ...['schedule', '--id', id, '--at', '2035-04-15T10:00:00', '--timezone', 'Asia/Tokyo'],
    ...['--topic', 'greetings', '--payload-file', bytes, '--key', 'k', '--max-lateness', 'PT1H'],
    ...['--header', 'a=1', '--header', 'b=x=y'],
  );
  expect(scheduled).toMatchObject({ code: 0, stderr: '', json: [{ id, status: 'SCHEDULED' }] });
  const [read, canceled] = await Promise.all([run('get', id), run('cancel', id)]);
  expect(read.json[0]).toMatchObject({
    scheduledInstant: '2035-04-15T01:00:00Z',
    payload: 'AP8=',
    key: 'k',
    headers: { a: '1', b: 'x=y' },
    maxLateness: 'PT1H',
  });
  expect(canceled.json).toEqual([{ id, status: 'CANCELED' }]);
  const [status, waited] = await Promise.all([
    run('status', id, '--output', 'table'),
    run('status', id, '--wait', '--for', 'PUBLISHED'),
  ]);
  expect(status.stdout).toBe(`id      ${id}\nstatus  CANCELED\n`);
  expect(waited).toMatchObject({
    code: 1,
    stderr: `error: The status was not reached: ${id} is CANCELED (other_status)\n`,
  });
});

test('a series is previewed and scheduled, its instances are listed', async () => {
  const id = randomUUID();
  const recurrence = [
    ...['--at', '2035-01-01T09:00:00', '--timezone', 'Asia/Tokyo'],
    ...['--recurrence', 'RRULE:FREQ=WEEKLY;BYDAY=TU', '--recurrence', 'EXDATE:20350102T090000'],
  ];
  const [preview, scheduled] = await Promise.all([
    run('preview', ...recurrence, '--limit', '1'),
    run('schedule', '--id', id, ...recurrence, '--topic', 'greetings', '--payload', ''),
  ]);
  expect(preview).toMatchObject({
    code: 0,
    json: [{ occurrences: ['2035-01-09T00:00:00Z'], complete: false }],
  });
  expect(scheduled).toMatchObject({ code: 0, json: [{ id }] });
  expect(scheduled.stderr).toContain('(start_not_matching)');
  const [json, table] = await Promise.all([
    run('instances', id, '--from', '2036-01-01T00:00:00Z', '--limit', '2'),
    run('instances', id, '--limit', '1', '-o', 'table'),
  ]);
  expect(json.json).toMatchObject([
    { id: `${id}_20360101T000000Z` },
    { id: `${id}_20360108T000000Z` },
  ]);
  expect(json.stderr).toContain('There are more than these 2');
  expect(table.stdout).toMatch(
    /^id +status +scheduledAt .*\n\S+_20350109T000000Z +SCHEDULED .*\n$/,
  );
});

test.each([
  [1, ['get', randomUUID()], 'error: id: No such event'],
  [
    1,
    ['schedule', '--at', 'x', '--topic', 't', '--payload', ''],
    'error: scheduledAt: Invalid date',
  ],
  [2, ['list', '--limit', 'x'], '--limit is not a number'],
  [2, ['get'], 'Not enough non-option arguments'],
  [2, ['gett', 'x'], 'Did you mean get?'],
  [2, ['schedule', '--at', '2035-01-01T00:00:00Z', '--topic', 't'], 'Give --payload'],
  [2, ['status', '--url', 'localhost:8080'], '--url: "localhost:8080" is no http(s) URL'],
  [2, ['import', '/no/such/file'], 'ENOENT'],
])('ends with %i for %j', async (code, args, words) => {
  const ended = await run(...args);
  expect(ended).toMatchObject({ code, stdout: '' });
  expect(ended.stderr).toContain(words);
});

test('ends with 3 when nobody answers', async () => {
  const ended = await scheduler([
    ...['status', randomUUID(), '--url', 'http://127.0.0.1:9', '--patience', '0.5'],
  ]);
  expect(ended).toMatchObject({ code: 3, stdout: '' });
  expect(ended.stderr).toContain('The scheduler cannot be reached');
});

test('help names commands and exit codes, completion is a script of the shell', async () => {
  const [help, bash, zsh, words] = await Promise.all([
    scheduler(['--help']),
    scheduler(['completion'], { env: { SHELL: '/bin/bash' } }),
    scheduler(['completion'], { env: { SHELL: '/bin/zsh', ZSH_NAME: 'zsh' } }),
    scheduler(['--get-yargs-completions', 'scheduler', 'import', '--']),
  ]);
  for (const name of ['schedule', 'cancel', 'get', 'list', 'instances', 'preview', 'import']) {
    expect(help.stdout).toContain(`scheduler ${name}`);
  }
  expect(help.stdout).toMatch(/Exit codes:\n {2}0 {2}fine\n/);
  expect(bash.stdout).toContain('complete -o bashdefault -o default -F');
  expect(zsh.stdout).toContain('#compdef scheduler');
  expect(words.stdout.split('\n')).toContain('--payload-encoding');
});
