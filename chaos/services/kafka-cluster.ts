import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../local/folders.ts';
import {
  type Broker,
  COMMON_PROPERTIES,
  newClusterId,
  prepareBroker,
  replication,
  startBroker,
  stopBroker,
  untilBrokerAnswers,
  writeStorage,
} from '../../local/kafka-broker.ts';
import { missingForKafka, obtainJars } from '../../local/kafka-programs.ts';
import { installPackages } from '../../local/packages.ts';
import { freePort } from '../../local/ports.ts';
import { coordinatorOf, leaderOf, untilInSync } from './kafka-questions.ts';

const NODES = [1, 2, 3] as const;
/** Small, quick to start, and out of the others' way on two cores. */
const TUNING = ['-Xmx384m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

interface KafkaNode {
  readonly id: number;
  /** its own port, `host:port`; proxies pass it by */
  readonly address: string;
  /** kill -9; returns when the process is gone */
  kill(): Promise<void>;
  /**
   * Starts it again, on its data. Returns when the cluster has admitted it, which is never before its
   * old session of 3 s is over; its copies may lag behind still (`untilInSync`).
   * @throws Error when it does not come up
   */
  start(): Promise<void>;
}

export interface KafkaCluster {
  /** every broker, directly: for consumers, oracle and operators */
  readonly brokers: string[];
  /** every broker through its proxy, as its metadata say there, too: for relays */
  readonly proxied: string[];
  readonly nodes: KafkaNode[];
  /** @param id 1 to 3 */
  node(id: number): KafkaNode;
  /**
   * Which node leads a partition.
   * @throws Error when none has in 10 s
   */
  leaderOf(topic: string, partition: number): Promise<number>;
  /**
   * Which node coordinates a transactional id.
   * @throws Error when none has in 10 s
   */
  coordinatorOf(transactionalId: string): Promise<number>;
  /**
   * Waits until every copy of every partition is in sync, and each has a leader.
   * @param limitMs milliseconds, default 60,000
   * @throws Error after that
   */
  untilInSync(limitMs?: number): Promise<void>;
  /** Kills all, and removes their data. */
  dispose(): Promise<void>;
}

export interface ClusterOptions {
  /** what is in it from before is ended and removed */
  readonly dataDir: string;
  readonly say: (line: string) => void;
  /**
   * Where relays are told to find a broker: the port of a proxy in front of it, on 127.0.0.1.
   * @param id 1 to 3
   * @param target port of the broker's listener that the proxy is to pass on to
   */
  readonly advertised: (id: number, target: number) => number | Promise<number>;
}

/** One broker with its ports. */
interface Node {
  readonly id: number;
  readonly broker: Broker;
  readonly direct: number;
  readonly proxied: number;
  readonly controller: number;
  /** the port of its proxy */
  readonly advertised: number;
}

/**
 * Starts an empty Kafka of three brokers, each a controller, too. Three copies of everything, of which
 * two have to have a record before it is acknowledged.
 * @throws Error that says what to install, or what failed; then nothing is left running
 */
export async function startCluster(options: ClusterOptions): Promise<KafkaCluster> {
  makeFolder(options.dataDir);
  // By its one true name: processes of ours are recognised by it.
  const dataDir = realpathSync(options.dataDir);
  const progress = { say: options.say, logs: dataDir };
  await installPackages(await missingForKafka(), progress);
  const jars = await obtainJars(progress);
  const nodes: Node[] = [];
  for (const id of NODES) nodes.push(await setUp(id, { ...options, dataDir }, jars, nodes));
  const cluster = clusterOf(nodes);
  try {
    const id = newClusterId();
    options.say('starting a Kafka cluster of three brokers');
    await Promise.all(
      nodes.map((node) => writeStorage(node.broker, propertiesOf(node, nodes), id)),
    );
    await Promise.all(nodes.map(start));
    await createInternalTopics(cluster);
    return cluster;
  } catch (error) {
    await Promise.all(nodes.map(kill));
    throw error;
  }
}

async function setUp(
  id: number,
  { dataDir, advertised }: ClusterOptions,
  jars: string,
  others: readonly Node[],
): Promise<Node> {
  const options = { folder: join(dataDir, `kafka-${id}`), jars, tuning: TUNING };
  const old = await prepareBroker(options);
  await stopBroker(old, 'immediate', 0);
  rmSync(old.folder, { recursive: true });
  const broker = await prepareBroker(options);
  const taken = others.flatMap((node) => [node.direct, node.proxied, node.controller]);
  const direct = await freePort(taken);
  const proxied = await freePort([...taken, direct]);
  const controller = await freePort([...taken, direct, proxied]);
  const ports = { direct, proxied, controller };
  return { id, broker, ...ports, advertised: await advertised(id, proxied) };
}

function clusterOf(nodes: readonly Node[]): KafkaCluster {
  const brokers = nodes.map(({ direct }) => `127.0.0.1:${direct}`);
  const public_ = nodes.map((node) => ({
    id: node.id,
    address: `127.0.0.1:${node.direct}`,
    kill: () => kill(node),
    start: () => start(node),
  }));
  return {
    brokers,
    proxied: nodes.map(({ advertised }) => `127.0.0.1:${advertised}`),
    nodes: public_,
    node: (id) => {
      const found = public_.find((node) => node.id === id);
      if (!found) throw new Error(`there is no node ${id}`);
      return found;
    },
    leaderOf: (topic, partition) => leaderOf(brokers, topic, partition),
    coordinatorOf: (transactionalId) => coordinatorOf(brokers, 'transaction', transactionalId),
    untilInSync: (limitMs = 60_000) => untilInSync(brokers, limitMs),
    dispose: async () => {
      await Promise.all(nodes.map(kill));
      for (const { broker } of nodes) rmSync(broker.folder, { recursive: true });
    },
  };
}

async function start({ id, broker, direct }: Node): Promise<void> {
  await untilBrokerAnswers(broker, await startBroker(broker), `127.0.0.1:${direct}`, id);
}

function kill({ broker }: Node): Promise<void> {
  return stopBroker(broker, 'immediate', 0);
}

/** Kafka makes the topics of its coordinators when they are first asked for: now, not amid faults. */
async function createInternalTopics({ brokers, untilInSync }: KafkaCluster): Promise<void> {
  await Promise.all([
    coordinatorOf(brokers, 'transaction', 'any'),
    coordinatorOf(brokers, 'group', 'any'),
  ]);
  await untilInSync();
}

function propertiesOf(node: Node, nodes: readonly Node[]): string[] {
  const { id, broker, direct, proxied, controller, advertised } = node;
  const at = '127.0.0.1';
  const listeners = [
    `PLAINTEXT://${at}:${direct}`,
    `PROXIED://${at}:${proxied}`,
    `CONTROLLER://${at}:${controller}`,
  ];
  const voters = nodes.map((one) => `${one.id}@${at}:${one.controller}`);
  return [
    '# Written by chaos/services/kafka-cluster.ts.',
    `node.id=${id}`,
    `listeners=${listeners.join(',')}`,
    `advertised.listeners=PLAINTEXT://${at}:${direct},PROXIED://${at}:${advertised}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name=PLAINTEXT',
    `controller.quorum.voters=${voters.join(',')}`,
    `log.dirs=${broker.data}`,
    ...COMMON_PROPERTIES,
    ...replication(NODES.length, 2),
    'unclean.leader.election.enable=false',
    '# A controller that was killed is followed sooner than by default.',
    'controller.quorum.fetch.timeout.ms=1000',
    'controller.quorum.election.timeout.ms=500',
    'controller.quorum.election.backoff.max.ms=300',
  ];
}
