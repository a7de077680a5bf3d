import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StopMode } from './contract.ts';
import { privateFolder, readText, serviceAccount, writeWhole } from './folders.ts';
import { classPath, findJava } from './kafka-programs.ts';
import { untilKafkaAnswers } from './kafka-ready.ts';
import {
  type Account,
  commandLine,
  endProcess,
  isAlive,
  mustRun,
  startDaemon,
} from './processes.ts';
import { GivenUp } from './wait.ts';

/** Time for a start, milliseconds: after a crash it first checks its logs. */
const START_LIMIT_MS = 120_000;

export interface BrokerOptions {
  /** its folder, made if it is missing: `data`, `server.properties`, `kafka.pid`, `kafka.log` */
  readonly folder: string;
  /** folder of Kafka's jars */
  readonly jars: string;
  /** arguments of the Java machine: heap, collector */
  readonly tuning: readonly string[];
  /** aborted: give up, and leave nothing running */
  readonly signal?: AbortSignal | undefined;
}

/** The process of one broker on this machine: everything needed to start and stop it. */
export interface Broker extends BrokerOptions {
  readonly java: string;
  readonly account: Account | undefined;
  /** folder of its logs of messages */
  readonly data: string;
  readonly properties: string;
  /** file with what it prints */
  readonly log: string;
}

/**
 * Makes a broker's folder. Nothing is started.
 * @throws Error if there is no Java, or the folder cannot be made
 */
export async function prepareBroker(options: BrokerOptions): Promise<Broker> {
  const { folder } = options;
  const java = await findJava();
  if (java === undefined) throw new Error('Java is installed, but not found');
  // Any account without rights will do; `daemon` is there on every Debian.
  const account = await serviceAccount('daemon');
  await privateFolder(folder, account);
  const at = (name: string) => join(folder, name);
  const files = { data: at('data'), properties: at('server.properties'), log: at('kafka.log') };
  return { ...options, java, account, ...files };
}

/** What a broker of ours is told wherever it runs, as lines of its properties. */
export const COMMON_PROPERTIES: readonly string[] = [
  'process.roles=broker,controller',
  'controller.listener.names=CONTROLLER',
  'auto.create.topics.enable=false',
  'num.partitions=1',
  'group.initial.rebalance.delay.ms=0',
  '# Few clients: fewer internal partitions start faster.',
  'offsets.topic.num.partitions=10',
  'transaction.state.log.num.partitions=10',
  'log.cleaner.dedupe.buffer.size=33554432',
  '# After a kill -9 the broker is not admitted again before this has passed.',
  'broker.session.timeout.ms=3000',
  'broker.heartbeat.interval.ms=500',
  '# A machine may be off for long: nothing that it still needs may have expired meanwhile.',
  'log.retention.hours=720',
  'offsets.retention.minutes=525600',
];

/** How many copies there are of everything, and how many of them have to have a record. */
export function replication(copies: number, inSync: number): string[] {
  return [
    `default.replication.factor=${copies}`,
    `min.insync.replicas=${inSync}`,
    `offsets.topic.replication.factor=${copies}`,
    `transaction.state.log.replication.factor=${copies}`,
    `transaction.state.log.min.isr=${inSync}`,
    `share.coordinator.state.topic.replication.factor=${copies}`,
    `share.coordinator.state.topic.min.isr=${inSync}`,
  ];
}

/** A new cluster's id, as Kafka makes them. */
export function newClusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A'); // a leading - reads as an option
}

/**
 * Writes the properties, and makes the storage if there is none.
 * @param lines of the properties
 * @param clusterId goes into the storage, for good
 * @throws Error with the end of what Kafka's tool said
 */
export async function writeStorage(
  broker: Broker,
  lines: readonly string[],
  clusterId: string,
): Promise<void> {
  writeWhole(broker.properties, [...lines, ''].join('\n'));
  if (hasStorage(broker)) return;
  await mustRun(
    'creating a Kafka cluster',
    broker.java,
    [
      ...['-XX:TieredStopAtLevel=1', ...classPath(broker.jars), 'kafka.tools.StorageTool'],
      ...['format', '--cluster-id', clusterId, '--config', broker.properties],
    ],
    { as: broker.account, cwd: broker.folder, signal: broker.signal },
  );
}

/** Whether its storage has been made. */
export function hasStorage(broker: Broker): boolean {
  return existsSync(join(broker.data, 'meta.properties'));
}

/**
 * Starts it.
 * @returns its process id; it need not answer yet
 */
export async function startBroker(broker: Broker): Promise<number> {
  broker.signal?.throwIfAborted();
  keepLogSmall(broker.log);
  // The shell writes the pid file before there is a broker, so that none can run unknown to us.
  const script = 'echo $$ >kafka.pid && exec "$@"';
  return startDaemon(
    'sh',
    [
      ...['-c', script, 'sh', broker.java, ...broker.tuning],
      ...[...classPath(broker.jars), 'kafka.Kafka', broker.properties],
    ],
    { as: broker.account, cwd: broker.folder, log: broker.log },
  );
}

/**
 * Waits for our own broker; one that does not get ready is not left behind.
 * @param pid its process
 * @param address `host:port` of a plaintext listener
 * @param node its number, if it is one of several: it answers as soon as it is admitted itself
 * @throws Error if it ends, or does not answer in two minutes
 */
export async function untilBrokerAnswers(
  broker: Broker,
  pid: number,
  address: string,
  node?: number,
): Promise<void> {
  const check = () => {
    if (broker.signal?.aborted) throw new GivenUp('stopped while Kafka was starting');
    if (!isAlive(pid)) throw new GivenUp(`Kafka ended while starting: see ${broker.log}`);
  };
  try {
    await untilKafkaAnswers(address, START_LIMIT_MS, check, node);
  } catch (error) {
    await endProcess(pid, 'Kafka', 0);
    throw error;
  }
}

function keepLogSmall(log: string): void {
  if (existsSync(log) && statSync(log).size > 10_000_000) renameSync(log, `${log}.1`);
}

/**
 * Stops it, if it runs.
 * @param mode `immediate` is kill -9
 * @param limitMs milliseconds for an orderly stop
 */
export async function stopBroker(broker: Broker, mode: StopMode, limitMs: number): Promise<void> {
  const pid = await runningBroker(broker);
  if (pid !== undefined) await endProcess(pid, 'Kafka', mode === 'fast' ? limitMs : 0);
  rmSync(pidFile(broker), { force: true });
}

function pidFile(broker: Broker): string {
  return join(broker.folder, 'kafka.pid');
}

/** Its process id; undefined if it does not run. */
export async function runningBroker(broker: Broker): Promise<number | undefined> {
  const pid = Number(readText(pidFile(broker)) ?? 0);
  const command = await commandLine(pid);
  return command?.includes(broker.properties) ? pid : undefined;
}
