import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestApi, testApi } from '../api/harness.ts';
import { scheduler } from './scheduler.ts';

let api: TestApi;
let folder: string;

beforeAll(async () => {
  [api, folder] = await Promise.all([testApi(), mkdtemp(join(tmpdir(), 'scheduler-import-'))]);
});
afterAll(async () => {
  await Promise.all([api.close(), rm(folder, { recursive: true })]);
});

const run = (args: readonly string[], input?: string) =>
  scheduler(['import', ...args], {
    env: { SCHEDULER_URL: api.api.rest },
    ...(input === undefined ? {} : { input }),
  });

const event = { scheduledAt: '2035-01-01T00:00:00Z', destinationTopic: 'greetings' };

async function stored(topic: string): Promise<{ payload: string; headers: object; key: string }[]> {
  const { rows } = await api.dba.query(
    `select convert_from(payload, 'utf8') as payload, headers, key from scheduler.events
     where destination_topic = $1 order by payload`,
    [topic],
  );
  return rows;
}

test('a file is imported once however often it is run, with what is refused by line, field and reason', async () => {
  const destinationTopic = `topic-${randomUUID()}`;
  const id = randomUUID();
  const lines = [
    ...Array.from({ length: 300 }, (_, number) => ({
      ...event,
      destinationTopic,
      payload: { number },
    })),
    { ...event, destinationTopic, payload: '' },
    { ...event, destinationTopic, payload: '' },
    { ...event, destinationTopic, payload: 'aGk=', id },
    { ...event, destinationTopic, payload: 'aGk=', id },
    { ...event, destinationTopic, payload: 'aG8=', id },
    { ...event, destinationTopic, payload: 'aGk=', timezone: 'PST' },
    { ...event, destinationTopic, payload: 'aGk=', what: 1 },
  ].map((line) => JSON.stringify(line));
  lines.splice(100, 0, '', '{"scheduledAt":', '[]', JSON.stringify({ ...event, payload: '?' }));
  const file = join(folder, 'events.ndjson');
  await writeFile(file, lines.join('\r\n'));

  const first = await run([file, '--batch-size', '100']);
  expect(first).toMatchObject({
    code: 1,
    json: [{ lines: 310, created: 303, known: 1, refused: 6 }],
  });
  expect(first.stderr.trim().split('\n').sort()).toEqual([
    expect.stringMatching(/^line 102: .*JSON/),
    'line 103: not a JSON object',
    expect.stringMatching(/^line 104: payload: Invalid payload: .*\(invalid_payload\)$/),
    expect.stringMatching(/^line 309: id: .*\(id_taken\)$/),
    expect.stringMatching(/^line 310: timezone: .*\(invalid_timezone\)$/),
    expect.stringMatching(/^line 311: what: .*\(invalid_event\)$/),
  ]);
  const again = await run([file]);
  expect(again.json).toEqual([{ lines: 310, created: 0, known: 304, refused: 6 }]);
  expect(await stored(destinationTopic)).toHaveLength(303);
});

test('an import that was broken off is taken up by the same command', async () => {
  const destinationTopic = `topic-${randomUUID()}`;
  const lines = Array.from({ length: 500 }, (_, number) =>
    JSON.stringify({ ...event, destinationTopic, payload: { number } }),
  );
  const half = await run([], lines.slice(0, 250).join('\n'));
  expect(half.json).toEqual([{ lines: 250, created: 250, known: 0, refused: 0 }]);
  const whole = await run(['-'], lines.join('\n'));
  expect(whole).toMatchObject({
    code: 0,
    stderr: '',
    json: [{ lines: 500, created: 250, known: 250, refused: 0 }],
  });
  const anew = await run(['--namespace', 'second time'], lines[0]);
  expect(anew.json).toMatchObject([{ created: 1 }]);
});

test('CSV: cells are fields, empty ones absent, headers have columns of their own', async () => {
  const destinationTopic = `topic-${randomUUID()}`;
  const csv = [
    '\uFEFFscheduledAt,payload,destinationTopic,key,headers.content-type,headers.b',
    `2035-01-01T00:00:00Z,"a, ""b""\nc",${destinationTopic},k,text/plain,`,
    `2035-01-01T00:00:00Z,,${destinationTopic},,,`,
    `2035-01-01T00:00:00Z,too few`,
    `tomorrow,x,${destinationTopic},,,`,
  ];
  const file = join(folder, 'events.csv');
  await writeFile(file, csv.join('\n'));
  const imported = await run([file, '--payload-encoding', 'utf8']);
  expect(imported).toMatchObject({
    code: 1,
    json: [{ lines: 4, created: 2, known: 0, refused: 2 }],
  });
  expect(imported.stderr).toMatch(/^line 5: Invalid Record Length.*\nline 6: scheduledAt: .*\n$/);
  expect(await stored(destinationTopic)).toEqual([
    { payload: '', headers: {}, key: null },
    { payload: 'a, "b"\nc', headers: { 'content-type': 'text/plain' }, key: 'k' },
  ]);
});

test('a file that is no CSV ends the import, nothing of it is guessed', async () => {
  const broken = await run(['--format', 'csv'], 'payload\n"a"b\n');
  expect(broken).toMatchObject({ code: 2, stdout: '' });
  expect(broken.stderr).toContain('at line 2');
});
