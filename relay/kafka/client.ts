import type { ConnectionOptions } from 'node:tls';
import { Kafka, type KafkaConfig, type logCreator, logLevel } from 'kafkajs';
import type { Logger } from 'pino';
import { Cluster, mendIdleTimers, tolerateTopicErrors } from './internals.ts';
import { BrokerLink } from './link.ts';
import { LINK_CLOSED, Sockets } from './sockets.ts';

export interface ClientOptions {
  /** `host:port` each */
  readonly brokers: string[];
  readonly clientId: string;
  /** asked at each new connection; without it there is no TLS */
  readonly tls?: () => ConnectionOptions;
  readonly sasl?: NonNullable<KafkaConfig['sasl']>;
  readonly log: Logger;
  /** ms, default 3,000 */
  readonly connectionTimeout?: number;
  /** ms, default 10,000; also how long a broker may wait for its replicas */
  readonly requestTimeout?: number;
}

export interface KafkaClient {
  /** ms */
  readonly requestTimeout: number;
  /** Opens nothing yet; every link has connections of its own. */
  createLink(): BrokerLink;
}

/**
 * The one configuration of Kafka connections that all of a relay shares.
 * @param options where the brokers are and how to speak to them
 */
export function createKafkaClient(options: ClientOptions): KafkaClient {
  const requestTimeout = options.requestTimeout ?? 10_000;
  const config = {
    brokers: options.brokers,
    clientId: options.clientId,
    ...(options.tls === undefined ? {} : { ssl: true }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
    connectionTimeout: options.connectionTimeout ?? 3_000,
    requestTimeout,
    // Links see to that: kafkajs would measure by a clock that may be set.
    enforceRequestTimeout: false,
    // Nothing below the lane may repeat a request: the lane decides by the ledger.
    retry: { retries: 0 },
  };
  const logger = new Kafka({
    ...config,
    logLevel: logLevel.WARN,
    logCreator: pinoLogCreator(options.log),
  }).logger();
  return {
    requestTimeout,
    createLink: () => {
      const sockets = new Sockets(options.tls);
      const { brokerPool } = new Cluster({
        ...config,
        logger,
        socketFactory: (args) => sockets.open(args),
        allowAutoTopicCreation: false,
        metadataMaxAge: 0,
      });
      mendIdleTimers(brokerPool);
      tolerateTopicErrors(brokerPool);
      return new BrokerLink({
        pool: brokerPool,
        sockets,
        bootstrapBrokers: options.brokers.length,
        requestTimeout,
      });
    },
  };
}

/** kafkajs's log lines as pino's: warnings and errors, both as warnings, for the lane decides. */
function pinoLogCreator(log: Logger): logCreator {
  return () =>
    ({ namespace, log: { message, timestamp: _, logger: __, stack: ___, ...fields } }) => {
      if (message.includes(LINK_CLOSED)) return;
      log.warn({ ...fields, part: namespace }, `kafkajs: ${message}`);
    };
}
