import {
  classPath,
  findJava,
  KAFKA_VERSION,
  missingForKafka,
  obtainJars,
} from '../../local/kafka-programs.ts';
import { type MavenFetch, obtainJarFolder } from '../../local/maven.ts';
import { installPackages, type Progress } from '../../local/packages.ts';

/** A jar that a broker does without. */
const TOOLS: MavenFetch = {
  name: `kafka-tools-${KAFKA_VERSION}`,
  what: `the console consumer of Apache Kafka ${KAFKA_VERSION}`,
  size: '1 MB',
  goal: [
    'org.apache.maven.plugins:maven-dependency-plugin:copy',
    `-Dartifact=org.apache.kafka:kafka-tools:${KAFKA_VERSION}`,
  ],
};

/** How to start Kafka's own console consumer: a program and its first arguments. */
export interface ConsoleConsumer {
  readonly java: string;
  readonly args: readonly string[];
}

/**
 * Kafka's own console consumer, fetched by Maven if it is not there yet.
 * @throws Error that says what to install, or with the end of Maven's output
 */
export async function obtainConsoleConsumer(progress: Progress): Promise<ConsoleConsumer> {
  await installPackages(await missingForKafka(), progress);
  const jars = await obtainJars(progress);
  const tools = await obtainJarFolder(TOOLS, progress);
  const java = await findJava();
  if (java === undefined) throw new Error('Java is installed, but not found');
  return {
    java,
    args: [
      // Quick to start, and small, for it lives for seconds.
      ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'],
      ...classPath(jars, tools),
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
    ],
  };
}
