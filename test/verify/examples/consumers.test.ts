import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkout } from '../../../local/folders.ts';
import { mustRun } from '../../../local/processes.ts';
import { waitFor } from '../../../local/wait.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../../harness/stage.ts';
import { toolFolder } from '../tool-folder.ts';
import { virtualEnvironment } from '../virtual-environment.ts';

const examples = join(checkout, 'examples', 'consumers');
const folder = toolFolder('consumers');

let stage: Stage;
let ids: string[];
const running: ChildProcess[] = [];

beforeAll(async () => {
  stage = await setStage('consumers', { topics: 1 });
  stage.relay();
  ids = await schedule(stage, { count: 20 });
  await expectPublishedOnce(stage, ids);
});

afterAll(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await stage?.close();
});

/** What a consumer prints, once it has printed something of every event. */
async function printed(command: string, args: string[]): Promise<string[]> {
  const [topic] = stage.topics as [string];
  const group = `consumers-${randomUUID()}`;
  const child = spawn(command, [...args, stage.brokers.join(','), topic, group], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  await waitFor('every event is printed', 50_000, () => lines.length >= ids.length);
  return lines;
}

const expected = () => ids.map((id, i) => `${id} ${String(i + 1).padEnd(8, '.')}`).toSorted();

test('Python, confluent-kafka: every event, once, with its id', async () => {
  const requirements = join(examples, 'python', 'requirements.txt');
  const python = await virtualEnvironment(join(folder, 'python'), ['-r', requirements]);
  const lines = await printed(python, [join(examples, 'python', 'consumer.py')]);
  expect(lines.toSorted()).toEqual(expected());
});

test('Go, franz-go: every event, once, with its id', async () => {
  const program = join(folder, 'go-consumer');
  const cwd = join(examples, 'go');
  await mustRun('building the consumer', 'go', ['build', '-o', program, '.'], { cwd });
  expect((await printed(program, [])).toSorted()).toEqual(expected());
});
