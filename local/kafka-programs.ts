import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { jarFolder, type MavenFetch, obtainJarFolder } from './maven.ts';
import { hasProgram, type Progress } from './packages.ts';
import { isCode, run } from './processes.ts';

/** The Kafka that we run; compose and the tests' containers take the same. */
export const KAFKA_VERSION = '4.1.1';

const OLDEST_JAVA = 17;
const JVMS = '/usr/lib/jvm';

const JARS: MavenFetch = {
  name: `kafka-${KAFKA_VERSION}`,
  what: `Apache Kafka ${KAFKA_VERSION}`,
  size: 'some 60 MB',
  goal: [
    ...['--file', join(import.meta.dirname, 'pom.xml')],
    ...['dependency:copy-dependencies', `-Dkafka.version=${KAFKA_VERSION}`],
  ],
};

/** Packages that a native Kafka still needs: Java, and Maven where the jars are not there yet. */
export async function missingForKafka(): Promise<string[]> {
  const java = (await findJava()) === undefined ? [`openjdk-${OLDEST_JAVA}-jre-headless`] : [];
  const needsMaven = !existsSync(jarFolder(JARS.name)) && !(await hasProgram('mvn'));
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
export function obtainJars(progress: Progress): Promise<string> {
  return obtainJarFolder(JARS, progress);
}

/**
 * Java's arguments for a program of Kafka.
 * @param folders with its jars
 */
export function classPath(...folders: string[]): string[] {
  const log4j = join(import.meta.dirname, 'kafka-log4j2.xml');
  const jars = folders.map((folder) => join(folder, '*')).join(delimiter);
  return ['-cp', jars, `-Dlog4j2.configurationFile=${log4j}`];
}
