import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../local/folders.ts';
import {
  findJava,
  KAFKA_VERSION,
  missingForKafka,
  obtainJars,
} from '../../local/kafka-programs.ts';
import { withLock } from '../../local/lock.mjs';
import { hasProgram, installPackages, type Progress } from '../../local/packages.ts';
import { mustRun } from '../../local/processes.ts';

/** How to start Kafka's own console consumer: a program and its first arguments. */
export interface ConsoleConsumer {
  readonly java: string;
  readonly args: readonly string[];
}

/**
 * Kafka's own console consumer. It is in a jar that a broker does without: fetched by Maven if it is
 * not there yet, beside those of the broker.
 * @throws Error that says what to install, or with the end of Maven's output
 */
export async function obtainConsoleConsumer(progress: Progress): Promise<ConsoleConsumer> {
  await installPackages(await missingForKafka(), progress);
  const jars = await obtainJars(progress);
  const folder = join(cacheFolder(), `kafka-tools-${KAFKA_VERSION}`);
  const waits = () => progress.say('waiting for another process that is fetching the consumer');
  await withLock(`${folder}.lock`, waits, async () => {
    if (!existsSync(folder)) await fetchTools(folder, progress);
  });
  const java = await findJava();
  if (java === undefined) throw new Error('Java is installed, but not found');
  const log4j = join(import.meta.dirname, '..', '..', 'local', 'kafka-log4j2.xml');
  return {
    java,
    args: [
      // Quick to start, and small, for it lives for seconds.
      ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'],
      ...['-cp', `${join(jars, '*')}:${join(folder, '*')}`, `-Dlog4j2.configurationFile=${log4j}`],
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
    ],
  };
}

async function fetchTools(folder: string, progress: Progress): Promise<void> {
  const { say, logs, signal } = progress;
  if (!(await hasProgram('mvn'))) await installPackages(['maven'], progress);
  say(`fetching the console consumer of Apache Kafka ${KAFKA_VERSION} by Maven (1 MB; once)`);
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  await mustRun(
    "fetching Kafka's console consumer",
    'mvn',
    [
      ...['--batch-mode', 'org.apache.maven.plugins:maven-dependency-plugin:copy'],
      `-Dartifact=org.apache.kafka:kafka-tools:${KAFKA_VERSION}`,
      `-DoutputDirectory=${draft}`,
    ],
    { signal, log: join(logs, 'maven.log') },
  );
  renameSync(draft, folder);
}
