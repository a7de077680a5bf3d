import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaService, ServiceOptions, StopMode } from './contract.ts';
import { STOP_LIMIT_MS } from './contract.ts';
import { privateFolder, readText, serviceAccount, writeWhole } from './folders.ts';
import { findJava, missingForKafka, obtainJars } from './kafka-programs.ts';
import { untilKafkaAnswers } from './kafka-ready.ts';
import { withLock } from './lock.mjs';
import { installPackages } from './packages.ts';
import { keptPorts, knownPort } from './ports.ts';
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

/** A private broker: everything needed to start and stop it. */
interface Broker {
  readonly java: string;
  readonly jars: string;
  readonly account: Account | undefined;
  /** its folder, with `data`, `server.properties`, `kafka.pid` and `kafka.log` */
  readonly folder: string;
  readonly properties: string;
  readonly log: string;
  readonly signal: AbortSignal | undefined;
}

type Ports = Readonly<Record<'kafka' | 'controller', number>>;

/**
 * A private Kafka of one broker, which is its own controller, on 127.0.0.1, its data in
 * `<dataDir>/kafka`: started, or taken over if it runs already.
 * @throws Error that says what to install, or what failed
 */
export async function obtainNativeKafka(options: ServiceOptions): Promise<KafkaService> {
  const { dataDir, say, signal } = options;
  const progress = { say, logs: dataDir, signal };
  await installPackages(await missingForKafka(), progress);
  const jars = await obtainJars(progress);
  const waits = () => say('waiting for another process that is starting this Kafka');
  return withLock(join(dataDir, 'kafka.lock'), waits, async () => {
    const broker = await setUp(options, jars);
    const running = await runningPid(broker);
    const kept = knownPort(dataDir, 'kafka');
    const port =
      running !== undefined && kept !== undefined
        ? await whenItAnswers(broker, running, kept)
        : await startOnKeptPorts(broker, dataDir, say);
    say(`Kafka ${running ? 'was running' : 'runs'} on port ${port}`);
    return service(broker, port, say);
  });
}

function service(broker: Broker, port: number, say: (line: string) => void): KafkaService {
  const brokers = [`127.0.0.1:${port}`];
  const stopIt = (mode: StopMode = 'fast', limitMs = STOP_LIMIT_MS) => stop(broker, mode, limitMs);
  return {
    how: 'native',
    brokers,
    stop: stopIt,
    async start() {
      await start(broker, port, say);
    },
    dispose: (limitMs) => stopIt('fast', limitMs),
  };
}

async function setUp({ dataDir, signal }: ServiceOptions, jars: string): Promise<Broker> {
  const folder = join(dataDir, 'kafka');
  const java = await findJava();
  if (java === undefined) throw new Error('Java is installed, but not found');
  // Any account without rights will do; `daemon` is there on every Debian.
  const account = await serviceAccount('daemon');
  await privateFolder(folder, account);
  const properties = join(folder, 'server.properties');
  return { java, jars, account, folder, properties, log: join(folder, 'kafka.log'), signal };
}

async function startOnKeptPorts(
  broker: Broker,
  dataDir: string,
  say: (line: string) => void,
): Promise<number> {
  const ports = await keptPorts(dataDir, ['kafka', 'controller']);
  writeWhole(broker.properties, configuration(join(broker.folder, 'data'), ports));
  await format(broker, say);
  return start(broker, ports.kafka, say);
}

function configuration(data: string, { kafka, controller }: Ports): string {
  return [
    '# Written at each start by local/kafka.ts.',
    'process.roles=broker,controller',
    'node.id=1',
    `listeners=PLAINTEXT://127.0.0.1:${kafka},CONTROLLER://127.0.0.1:${controller}`,
    'controller.listener.names=CONTROLLER',
    // Not in the metadata (format --standalone): this way the port can change between runs.
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `log.dirs=${data}`,
    'auto.create.topics.enable=false',
    'num.partitions=1',
    'group.initial.rebalance.delay.ms=0',
    '# One broker holds the only copy of everything.',
    'default.replication.factor=1',
    'min.insync.replicas=1',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
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
    '',
  ].join('\n');
}

/** Makes the storage, with a cluster id that stays, if there is none. */
async function format(broker: Broker, say: (line: string) => void): Promise<void> {
  if (existsSync(join(broker.folder, 'data', 'meta.properties'))) return;
  say('creating an empty Kafka cluster');
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A'); // a leading - reads as an option
  await mustRun(
    'creating a Kafka cluster',
    broker.java,
    [
      ...['-XX:TieredStopAtLevel=1', ...javaArguments(broker), 'kafka.tools.StorageTool'],
      ...['format', '--cluster-id', id, '--config', broker.properties],
    ],
    { as: broker.account, cwd: broker.folder, signal: broker.signal },
  );
}

function javaArguments({ jars }: Broker): string[] {
  const log4j = join(import.meta.dirname, 'kafka-log4j2.xml');
  return ['-cp', join(jars, '*'), `-Dlog4j2.configurationFile=${log4j}`];
}

async function start(broker: Broker, port: number, say: (line: string) => void): Promise<number> {
  broker.signal?.throwIfAborted();
  say(`starting Kafka (log: ${broker.log})`);
  keepLogSmall(broker.log);
  // The shell writes the pid file before there is a broker, so that none can run unknown to us.
  const script = 'echo $$ >kafka.pid && exec "$@"';
  const pid = await startDaemon(
    'sh',
    [
      ...['-c', script, 'sh', broker.java, '-Xmx512m', '-XX:+UseG1GC'],
      ...[...javaArguments(broker), 'kafka.Kafka', broker.properties],
    ],
    { as: broker.account, cwd: broker.folder, log: broker.log },
  );
  return whenItAnswers(broker, pid, port);
}

/** Waits for our own broker; one that does not get ready is not left behind. */
async function whenItAnswers(broker: Broker, pid: number, port: number): Promise<number> {
  try {
    await untilKafkaAnswers(`127.0.0.1:${port}`, START_LIMIT_MS, () => {
      if (broker.signal?.aborted) throw new GivenUp('stopped while Kafka was starting');
      if (!isAlive(pid)) throw new GivenUp(`Kafka ended while starting: see ${broker.log}`);
    });
    return port;
  } catch (error) {
    await endProcess(pid, 'Kafka', 0);
    throw error;
  }
}

function keepLogSmall(log: string): void {
  if (existsSync(log) && statSync(log).size > 10_000_000) renameSync(log, `${log}.1`);
}

async function stop(broker: Broker, mode: StopMode, limitMs: number): Promise<void> {
  const pid = await runningPid(broker);
  if (pid !== undefined) await endProcess(pid, 'Kafka', mode === 'fast' ? limitMs : 0);
  rmSync(pidFile(broker), { force: true });
}

function pidFile(broker: Broker): string {
  return join(broker.folder, 'kafka.pid');
}

async function runningPid(broker: Broker): Promise<number | undefined> {
  const pid = Number(readText(pidFile(broker)) ?? 0);
  const command = await commandLine(pid);
  return command?.includes(broker.properties) ? pid : undefined;
}
