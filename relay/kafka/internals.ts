/**
 * The one place that reaches into kafkajs (2.2.4, pinned; unmaintained since 2023).
 *
 * We use its connections, SASL, TLS and wire protocol, and not its producer and admin client:
 * - its producer's retries can lose or repeat records, even with transactions;
 * - it looks the coordinator up before every call (four round trips per transaction), and swallows
 *   why that failed (`brokerPool.withBroker`), so that a missing ACL reads as "not found";
 * - errors name no topic; one deleted topic in its metadata set poisons every send (issues 974,
 *   1622, 1759); with no topic yet it asks for all topics of the cluster, and fails if any of them
 *   has no leader;
 * - it encodes a record into a dozen small zero-filled buffers and groups them quadratically.
 */
import { createRequire } from 'node:module';
import type { ISocketFactory, KafkaConfig, Logger } from 'kafkajs';

const require = createRequire(import.meta.url);

export interface Encoded {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    expectResponse?(): boolean;
    /** `buf` and `buffer` are what kafkajs's `Encoder` offers to be copied from. */
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: {
    decode(data: Buffer): Promise<unknown>;
    parse(decoded: unknown): Promise<unknown>;
  };
}

export interface Definition {
  readonly versions: string[];
  protocol(options: { version: number }): (args: object) => Encoded;
}

interface RequestQueue {
  readonly pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

interface ConnectionPool {
  readonly pool: { readonly requestQueue: RequestQueue }[];
  send(protocolRequest: Encoded & { readonly logResponseError?: boolean }): Promise<unknown>;
}

export interface Broker {
  readonly nodeId: string;
  readonly connectionPool: ConnectionPool;
  metadata(topics: string[]): Promise<unknown>;
  lookupRequest(apiKey: number, definition: Definition): (args: object) => Encoded;
}

export interface BrokerPool {
  createBroker(options: object): Broker;
  connectionPoolBuilder: { build(destination?: object): Promise<ConnectionPool> };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(topics: string[]): Promise<void>;
  findBroker(options: { nodeId: string | number }): Promise<Broker>;
  findConnectedBroker(): Promise<Broker>;
}

interface ClusterOptions extends Omit<KafkaConfig, 'logLevel' | 'logCreator'> {
  readonly logger: Logger;
  readonly socketFactory: ISocketFactory;
  readonly allowAutoTopicCreation: boolean;
  readonly metadataMaxAge: number;
}

export const Cluster: new (
  options: ClusterOptions,
) => { readonly brokerPool: BrokerPool } = require('kafkajs/src/cluster/index.js');

export const apiKeys: Readonly<
  Record<string, number>
> = require('kafkajs/src/protocol/requests/apiKeys.js');

export const requests: Readonly<Record<string, Definition>> =
  require('kafkajs/src/protocol/requests/index.js').requests;

export const produceResponseV7: Encoded['response'] = require('kafkajs/src/protocol/requests/produce/v7/response.js');

interface Encoder {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeString(value: string | null): Encoder;
}

export const Encoder: new () => Encoder = require('kafkajs/src/protocol/encoder.js');

export const crc32c: (
  data: Buffer,
) => number = require('kafkajs/src/protocol/recordBatch/crc32C/index.js');

/**
 * Makes metadata answers of the pool's brokers carry the errors of topics instead of throwing the
 * first of them, so that a missing topic does not keep us from learning who the brokers are.
 */
export function tolerateTopicErrors(pool: BrokerPool): void {
  const create = pool.createBroker;
  pool.createBroker = (options) => {
    const broker = create(options);
    broker.metadata = async (topics) => {
      const lookup = broker.lookupRequest(
        apiKeys.Metadata as number,
        requests.Metadata as Definition,
      );
      const { request, response } = lookup({ topics, allowAutoTopicCreation: false });
      const parse = async (decoded: unknown) => decoded;
      return broker.connectionPool.send({ request, response: { ...response, parse } });
    };
    return broker;
  };
}

/**
 * Mends the timer of every connection that the pool opens. When nothing is pending and nothing is
 * throttled, kafkajs arms it with a negative delay, which Node reads as 1 ms (24 warns of it), and
 * arms it again each time it fires: a thousand wake-ups a second per connection, for ever (issue
 * 1751). With nothing pending there is nothing to check, and whatever is pushed later arms it.
 */
export function mendIdleTimers(pool: BrokerPool): void {
  const builder = pool.connectionPoolBuilder;
  pool.connectionPoolBuilder = {
    build: async (destination) => {
      const connections = await builder.build(destination);
      for (const { requestQueue } of connections.pool) {
        const schedule = requestQueue.scheduleCheckPendingRequests;
        requestQueue.scheduleCheckPendingRequests = () => {
          if (requestQueue.pending.length > 0) schedule.call(requestQueue);
        };
      }
      return connections;
    },
  };
}
