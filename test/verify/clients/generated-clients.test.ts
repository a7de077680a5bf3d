import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, type TestApi, testApi } from '../../api/harness.ts';
import { toolFolder } from '../tool-folder.ts';
import { virtualEnvironment } from '../virtual-environment.ts';

// Clients in three languages, generated anew from the description that the API serves. Needs Go >= 1.26
// (or 1.21, which fetches it), Python >= 3.11 with venv, npm; and the registries of their packages.

const run = promisify(execFile);
const OAPI_CODEGEN = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2';
const PYTHON_PACKAGES = ['openapi-python-client==0.29.1', 'ruff==0.17.6'];

const folder = toolFolder('generated-clients');
const description = join(folder, 'openapi.json');
let it: TestApi;
beforeAll(async () => {
  it = await testApi();
  const { json } = await it.request('GET', '/openapi.json');
  await writeFile(description, JSON.stringify(json));
});
afterAll(() => it.close());

/** A copy of the program of a language, where a client is generated: `api`. */
async function workshop(language: string): Promise<string> {
  const into = join(folder, language);
  await rm(join(into, 'api'), { recursive: true, force: true });
  await cp(join(import.meta.dirname, language), into, { recursive: true });
  await mkdir(join(into, 'api'));
  return into;
}

async function expectStory(output: string): Promise<void> {
  const { id, instance, ...seen } = JSON.parse(output) as Json;
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect([instance, seen]).toEqual([
    `${id}_20350424T010000Z`,
    {
      ...{ created: 'SCHEDULED', status: 'SCHEDULED', scheduledInstant: '2035-04-15T01:00:00Z' },
      ...{ instances: 9, payload: 'hello world', changed: 'another-topic', canceled: 'CANCELED' },
      problem: { status: 400, code: 'invalid_topic', field: 'destinationTopic' },
    },
  ]);
  const exception = await it.request('GET', `/events/${instance}`);
  expect(exception.json).toMatchObject({
    ...{ payload: btoa('another'), destinationTopic: 'another-topic', status: 'CANCELED' },
  });
}

const environment = () => ({ ...process.env, SCHEDULER_URL: it.api.rest });

test('Go, by oapi-codegen', { timeout: 600_000 }, async () => {
  const cwd = await workshop('go');
  const options = ['-generate', 'types,client', '-package', 'api', '-o', 'api/client.gen.go'];
  await run('go', ['run', OAPI_CODEGEN, ...options, description], { cwd });
  const { stdout } = await run('go', ['run', '.'], { cwd, env: environment() });
  await expectStory(stdout);
});

test('Python, by openapi-python-client', { timeout: 600_000 }, async () => {
  const cwd = await workshop('python');
  const bin = dirname(await virtualEnvironment(join(folder, 'venv'), PYTHON_PACKAGES));
  const env = { ...environment(), PATH: `${bin}:${process.env.PATH}` };
  const output = ['--output-path', 'api', '--meta', 'none', '--overwrite'];
  await run(join(bin, 'openapi-python-client'), ['generate', '--path', description, ...output], {
    cwd,
    env,
  });
  const { stdout } = await run(join(bin, 'python'), ['main.py'], { cwd, env });
  await expectStory(stdout);
});

test('TypeScript, by openapi-typescript', { timeout: 600_000 }, async () => {
  const cwd = await workshop('typescript');
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd });
  const bin = join(cwd, 'node_modules', '.bin');
  await run(join(bin, 'openapi-typescript'), [description, '--output', 'api/index.d.ts'], { cwd });
  await run(join(bin, 'tsc'), [], { cwd });
  const { stdout } = await run(process.execPath, ['main.js'], { cwd, env: environment() });
  await expectStory(stdout);
});
