import { BrokerRefusal, KafkaError } from './errors.ts';
import { apiKeys, type Broker, type BrokerPool, type Encoded, requests } from './internals.ts';
import type { Sockets } from './sockets.ts';

export interface LinkParts {
  readonly pool: BrokerPool;
  readonly sockets: Sockets;
  readonly bootstrapBrokers: number;
  /** ms that a request may take */
  readonly requestTimeout: number;
}

interface TopicMetadata {
  readonly topic: string;
  /** Kafka's error code, 0 for none */
  readonly errorCode: number;
  /** node id of the leader by partition number; -1 for none */
  readonly leaders: number[];
}

export interface ClusterMetadata {
  readonly clusterId: string;
  readonly controllerId: number;
  readonly topics: TopicMetadata[];
}

export type CoordinatorKind = 'group' | 'transaction';

interface RawMetadata {
  readonly clusterId: string;
  readonly controllerId: number;
  readonly topicMetadata: {
    readonly topic: string;
    readonly topicErrorCode: number;
    readonly partitionMetadata: { readonly partitionId: number; readonly leader: number }[];
  }[];
}

/**
 * Connections to the brokers of one cluster, one per broker, for one user (a publisher, the topic
 * check). Requests are sent once and never repeated. After an error: `destroy`, and a new one.
 */
export class BrokerLink {
  readonly #pool: BrokerPool;
  readonly #sockets: Sockets;
  readonly #bootstrapBrokers: number;
  readonly #requestTimeout: number;

  constructor(parts: LinkParts) {
    this.#pool = parts.pool;
    this.#sockets = parts.sockets;
    this.#bootstrapBrokers = parts.bootstrapBrokers;
    this.#requestTimeout = parts.requestTimeout;
  }

  /**
   * Connects to one of the bootstrap brokers and learns the others.
   * @param topic a topic whose metadata is asked for; asking for none would mean all topics of the
   *   cluster to kafkajs, and fail if any of them has no leader
   */
  async connect(topic: string): Promise<void> {
    // Each failure moves the pool on to the next bootstrap broker.
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#inTime('connecting', this.#pool.connect());
        break;
      } catch (error) {
        if (attempt >= this.#bootstrapBrokers) throw error;
      }
    }
    await this.#inTime('Metadata', this.#pool.refreshMetadata([topic]));
  }

  /** @returns a connected broker; throws if the metadata that we have does not know it */
  async broker(nodeId: number): Promise<Broker> {
    return this.#inTime('connecting', this.#pool.findBroker({ nodeId }));
  }

  /** Metadata of topics in one request; a topic's error is in its entry and is not thrown. */
  async metadata(topics: string[]): Promise<ClusterMetadata> {
    const broker = await this.#anyBroker();
    const raw = (await this.#inTime('Metadata', broker.metadata(topics))) as RawMetadata;
    return {
      clusterId: raw.clusterId,
      controllerId: raw.controllerId,
      topics: raw.topicMetadata.map(({ topic, topicErrorCode, partitionMetadata }) => {
        const leaders: number[] = new Array(partitionMetadata.length).fill(-1);
        for (const { partitionId, leader } of partitionMetadata) leaders[partitionId] = leader;
        return { topic, errorCode: topicErrorCode, leaders };
      }),
    };
  }

  /** Who coordinates a transactional id or a group; asked once, an old answer is an error later. */
  async coordinator(kind: CoordinatorKind, id: string): Promise<Broker> {
    const any = await this.#anyBroker();
    const coordinatorType = kind === 'group' ? 0 : 1;
    const answer = (await this.call(any, 'GroupCoordinator', {
      groupId: id,
      coordinatorType,
    })) as { readonly coordinator: { readonly nodeId: number } };
    return this.broker(answer.coordinator.nodeId);
  }

  /**
   * Sends one request and waits for its answer.
   * @param parse checks the decoded answer instead of kafkajs, to name the topic of an error
   */
  async call(
    broker: Broker,
    api: string,
    args: object,
    parse?: (decoded: unknown) => Promise<unknown>,
  ): Promise<unknown> {
    const apiKey = apiKeys[api];
    const definition = requests[api];
    if (apiKey === undefined || !definition) throw new Error(`kafkajs has no request ${api}`);
    const { request, response } = broker.lookupRequest(apiKey, definition)(args);
    return this.send(broker, { request, response: parse ? { ...response, parse } : response });
  }

  /** Sends one encoded request and waits for its answer. */
  async send(broker: Broker, encoded: Encoded): Promise<unknown> {
    // Whoever asked logs what it makes of a refusal; "not yet" is part of the protocol.
    const sent = broker.connectionPool.send({ ...encoded, logResponseError: false });
    return this.#inTime(encoded.request.apiName, sent);
  }

  #anyBroker(): Promise<Broker> {
    return this.#inTime('connecting', this.#pool.findConnectedBroker());
  }

  /**
   * kafkajs tells by `Date` how long a request, or the broker's throttling, has lasted: set back by an
   * hour, a clock would have it wait for an hour. Timers are not moved by that.
   */
  async #inTime<T>(what: string, work: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const message = `${what}: no answer in ${this.#requestTimeout} ms`;
      reject(new KafkaError({ class: 'transient', code: 'request_timed_out', message }));
    }, this.#requestTimeout);
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Cuts all connections at once and for good; what is in flight is rejected. */
  destroy(): void {
    this.#sockets.cut();
  }
}

/** Throws the first refusal in answers by topic and partition; 55 only if there is no other. */
export function throwRefusal(answers: Iterable<readonly [topic: string, errorCode: number]>): void {
  let notAttempted: string | null = null;
  for (const [topic, errorCode] of answers) {
    if (errorCode === 55) notAttempted ??= topic;
    else if (errorCode !== 0) throw new BrokerRefusal(errorCode, topic);
  }
  if (notAttempted !== null) throw new BrokerRefusal(55, notAttempted);
}
