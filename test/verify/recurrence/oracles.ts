import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type Answer, HORIZON, LIMIT } from '../../recurrence/comparison.ts';
import type { Question } from '../../recurrence/random-rules.ts';
import { virtualEnvironment } from '../virtual-environment.ts';

const run = promisify(execFile);
const folder = import.meta.dirname;
const bounds = [String(LIMIT), HORIZON.slice(0, -1)];

/** Asks another implementation; the answers come in the order of the questions. */
export type Oracle = (questions: readonly Question[]) => Promise<Answer[]>;

/**
 * python-dateutil, from PyPI into a virtual environment of its own.
 * @param folder where it is kept between runs
 */
export async function dateutil(into: string): Promise<Oracle> {
  const packages = ['python-dateutil==2.9.0.post0', 'tzdata==2025.2'];
  const python = await virtualEnvironment(join(into, 'python'), packages);
  // The zones of the package, not of the system, which may be old.
  const environment = { ...process.env, PYTHONTZPATH: '' };
  return async (questions) => {
    const script = join(folder, 'dateutil-oracle.py');
    const input = questions.map((question) => JSON.stringify(question));
    const lines = await answers(python, [script, ...bounds], input, environment);
    return lines.map((line) => (JSON.parse(line) as { instants?: string[] }).instants ?? null);
  };
}

/** lib-recur, from Maven Central, run by the JDK from source. */
export async function libRecur(into: string): Promise<Oracle> {
  const jars = join(into, 'java');
  if (!existsSync(jars)) {
    const pom = join(folder, 'pom.xml');
    const goal = 'dependency:copy-dependencies';
    await run('mvn', ['-q', '-B', '-f', pom, goal, `-DoutputDirectory=${jars}`]);
  }
  return async (questions) => {
    const script = join(folder, 'LibRecurOracle.java');
    const input = questions.map(({ start, timezone, rule, added, excluded }) =>
      [start, timezone, rule, added.join(','), excluded.join(',')].join('\t'),
    );
    const lines = await answers('java', ['-cp', `${jars}/*`, script, ...bounds], input);
    return lines.map((line) => {
      if (line.startsWith('!')) {
        return null;
      }
      return line === '' ? [] : line.split(',');
    });
  };
}

/** @throws Error when the program fails or does not answer every line */
async function answers(
  program: string,
  parameters: readonly string[],
  input: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  const child = spawn(program, parameters, { env: environment });
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${input.join('\n')}\n`);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = output.split('\n').slice(0, -1);
  if (lines.length !== input.length) {
    throw new Error(`${program} answered ${lines.length} of ${input.length} lines: ${errors}`);
  }
  return lines;
}
