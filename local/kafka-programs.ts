import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './folders.ts';
import { withLock } from './lock.mjs';
import { hasProgram, type Progress } from './packages.ts';
import { isCode, mustRun, run } from './processes.ts';
import { every } from './wait.ts';

/** The Kafka that we run; compose and the tests' containers take the same. */
export const KAFKA_VERSION = '4.1.1';

const OLDEST_JAVA = 17;
const JVMS = '/usr/lib/jvm';

/** Where the jars lie (or will), shared by all instances. */
function jarFolder(): string {
  return join(cacheFolder(), `kafka-${KAFKA_VERSION}`);
}

/** Packages that a native Kafka still needs: Java, and Maven where the jars are not there yet. */
export async function missingForKafka(): Promise<string[]> {
  const java = (await findJava()) === undefined ? [`openjdk-${OLDEST_JAVA}-jre-headless`] : [];
  const needsMaven = !existsSync(jarFolder()) && !(await hasProgram('mvn'));
  return needsMaven ? [...java, 'maven'] : java;
}

/**
 * A Java that Kafka runs on: JAVA_HOME's, the PATH's, or one of the distribution's.
 * @returns its path
 */
export async function findJava(): Promise<string | undefined> {
  const home = process.env.JAVA_HOME;
  const candidates = [...(home ? [join(home, 'bin', 'java')] : []), 'java', ...distributionJavas()];
  for (const java of candidates) {
    const { code, output } = await run(java, ['-version']);
    const major = Number(/version "(\d+)/.exec(output)?.[1] ?? 0);
    if (code === 0 && major >= OLDEST_JAVA) return java;
  }
  return undefined;
}

function distributionJavas(): string[] {
  try {
    return readdirSync(JVMS).map((name) => join(JVMS, name, 'bin', 'java'));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/**
 * The folder with Kafka's jars, fetched by Maven if it is not there yet.
 * @throws Error with the end of Maven's output
 */
export async function obtainJars(progress: Progress): Promise<string> {
  const folder = jarFolder();
  const waits = () => progress.say('waiting for another process that is fetching Kafka');
  await withLock(`${folder}.lock`, waits, async () => {
    if (!existsSync(folder)) await fetchJars(folder, progress);
  });
  return folder;
}

async function fetchJars(folder: string, { say, logs, signal }: Progress): Promise<void> {
  say(`fetching Apache Kafka ${KAFKA_VERSION} by Maven (some 60 MB; once)`);
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  const report = every(2_000, (files: number) => say(`  ${files} files fetched`));
  let files = 0;
  await mustRun(
    'fetching Kafka',
    'mvn',
    [
      ...['--batch-mode', '--file', join(import.meta.dirname, 'pom.xml')],
      'dependency:copy-dependencies',
      ...[`-Dkafka.version=${KAFKA_VERSION}`, `-DoutputDirectory=${draft}`],
    ],
    {
      signal,
      log: join(logs, 'maven.log'),
      onLine: (line) => {
        if (line.includes('Downloaded')) report(++files);
      },
    },
  );
  renameSync(draft, folder);
}
