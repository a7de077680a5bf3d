import { join } from 'node:path';
import type { KafkaService, ServiceOptions, StopMode } from './contract.ts';
import { STOP_LIMIT_MS } from './contract.ts';
import {
  type Broker,
  COMMON_PROPERTIES,
  hasStorage,
  newClusterId,
  prepareBroker,
  replication,
  runningBroker,
  startBroker,
  stopBroker,
  untilBrokerAnswers,
  writeStorage,
} from './kafka-broker.ts';
import { missingForKafka, obtainJars } from './kafka-programs.ts';
import { withLock } from './lock.mjs';
import { installPackages } from './packages.ts';
import { keptPorts, knownPort } from './ports.ts';

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
    const tuning = ['-Xmx512m', '-XX:+UseG1GC'];
    const broker = await prepareBroker({ folder: join(dataDir, 'kafka'), jars, tuning, signal });
    const running = await runningBroker(broker);
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
  const stopIt = (mode: StopMode = 'fast', limitMs = STOP_LIMIT_MS) =>
    stopBroker(broker, mode, limitMs);
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

async function startOnKeptPorts(
  broker: Broker,
  dataDir: string,
  say: (line: string) => void,
): Promise<number> {
  const ports = await keptPorts(dataDir, ['kafka', 'controller']);
  if (!hasStorage(broker)) say('creating an empty Kafka cluster');
  await writeStorage(broker, configuration(broker.data, ports), newClusterId());
  return start(broker, ports.kafka, say);
}

function configuration(data: string, { kafka, controller }: Ports): string[] {
  return [
    '# Written at each start by local/kafka.ts.',
    'node.id=1',
    `listeners=PLAINTEXT://127.0.0.1:${kafka},CONTROLLER://127.0.0.1:${controller}`,
    // Not in the metadata (format --standalone): this way the port can change between runs.
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `log.dirs=${data}`,
    ...COMMON_PROPERTIES,
    '# One broker holds the only copy of everything.',
    ...replication(1, 1),
  ];
}

async function start(broker: Broker, port: number, say: (line: string) => void): Promise<number> {
  say(`starting Kafka (log: ${broker.log})`);
  return whenItAnswers(broker, await startBroker(broker), port);
}

async function whenItAnswers(broker: Broker, pid: number, port: number): Promise<number> {
  await untilBrokerAnswers(broker, pid, `127.0.0.1:${port}`);
  return port;
}
