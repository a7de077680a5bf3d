import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkout } from '../../local/folders.ts';
import { type TestApi, testApi } from '../api/harness.ts';
import { installPackage, run } from './package.ts';

let api: TestApi;
let folder: string;

beforeAll(async () => {
  [api, folder] = await Promise.all([testApi(), installPackage()]);
});
afterAll(async () => {
  await Promise.all([api.close(), rm(folder, { recursive: true })]);
});

test('the lines of the README work with the packed client, types included', async () => {
  const readme = await readFile(join(checkout, 'README.md'), 'utf8');
  const lines = /```ts\n(import .* from 'event-scheduler\/client';\n[\s\S]*?)```/.exec(readme)?.[1];
  const program = lines?.replace('http://localhost:8080', api.api.rest);
  expect(program).toContain(api.api.rest);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'example.ts'), program as string);
  const strict = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--lib',
    'es2024,dom',
    '--types',
    '',
  ];
  await run(
    process.execPath,
    [join(checkout, 'node_modules/typescript/bin/tsc'), ...strict, 'example.ts'],
    {
      cwd: folder,
    },
  );
  const { stdout } = await run(process.execPath, ['example.ts'], { cwd: folder });
  expect(stdout).toBe('SCHEDULED\n');
  const { rows } = await api.dba.query(
    'select convert_from(payload, $$utf8$$) as payload from scheduler.events',
  );
  expect(rows).toEqual([{ payload: '{"hello":"world"}' }]);
});

test('the client needs nothing but web standards', async () => {
  const program = join(import.meta.dirname, 'web-globals.ts');
  const dist = join(folder, 'node_modules/event-scheduler/dist');
  const { stdout } = await run(process.execPath, [
    ...['--experimental-vm-modules', '--no-warnings', program, dist, api.api.rest],
  ]);
  expect(JSON.parse(stdout)).toMatchObject({
    scheduledAt: '2035-01-01T00:00:00Z',
    payload: Buffer.from('{"hello":"wörld"}').toString('base64'),
  });
});

test('the packed program speaks to the API', async () => {
  const program = join(folder, 'node_modules/event-scheduler/cli/scheduler.mjs');
  const { stdout } = await run(process.execPath, [program, 'status', '--url', api.api.rest]);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'ready' });
});
