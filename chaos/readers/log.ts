import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MARKER, writeMarkers } from '../../test/harness/kafka.ts';
import type { LogRecord } from '../history.ts';
import { type ConsoleConsumer, obtainConsoleConsumer } from './console-consumer.ts';
import { PrintedRecords } from './printed-records.ts';

export interface LogOptions {
  /** `host:port` each, directly */
  readonly brokers: string[];
  /** all of them are there, and served */
  readonly topics: readonly string[];
  /** for logs of what has to be fetched */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** ms for each topic, default 60,000 */
  readonly limit?: number;
}

/**
 * Everything on topics that a read_committed consumer gets, read by Kafka's own consumer. It is all
 * when it has come, in each partition, to a marker that is written behind it now; a transaction that
 * is still open before a marker is waited for.
 * @returns in the order of topics, partitions and offsets
 * @throws Error when a marker does not come in time
 */
export async function readLog(options: LogOptions): Promise<LogRecord[]> {
  const { brokers, topics, folder, say } = options;
  const consumer = await obtainConsoleConsumer({ say, logs: folder });
  const markers = new Set(await writeMarkers(brokers, [...topics]));
  const read: LogRecord[] = [];
  // One after another: a Java starts on every core as it is.
  for (const topic of topics) read.push(...(await readTopic(consumer, topic, markers, options)));
  return read;
}

/** @param markers `<topic>/<partition>/<value>` of all topics */
async function readTopic(
  { java, args }: ConsoleConsumer,
  topic: string,
  markers: ReadonlySet<string>,
  { brokers, limit = 60_000 }: LogOptions,
): Promise<LogRecord[]> {
  const printed = new PrintedRecords(topic);
  const awaited = new Set([...markers].filter((marker) => marker.startsWith(`${topic}/`)));
  const records: LogRecord[] = [];
  const child = spawn(
    java,
    [
      ...[...args, '--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning'],
      ...['--isolation-level', 'read_committed', '--consumer-property', 'enable.auto.commit=false'],
      ...printed.properties.flatMap((property) => ['--property', property]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: limit, killSignal: 'SIGKILL' },
  );
  const complaints: Buffer[] = [];
  child.stderr.on('data', (piece: Buffer) => complaints.push(piece));
  const ended = once(child, 'close');
  for await (const piece of child.stdout) {
    for (const record of printed.take(piece)) {
      const marker = record.headers[MARKER];
      if (marker === undefined) records.push(record);
      else awaited.delete(`${topic}/${record.partition}/${marker}`);
    }
    if (awaited.size === 0) break;
  }
  child.kill('SIGKILL');
  await ended;
  if (awaited.size > 0) {
    const said = Buffer.concat(complaints).toString().slice(-2_000);
    throw new Error(`${topic} was not read to its end, ${[...awaited].join(', ')}: ${said}`);
  }
  return records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}
