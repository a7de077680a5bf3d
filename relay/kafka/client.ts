import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Kafka, type KafkaConfig, type logCreator, logLevel } from 'kafkajs';
import type { Logger } from 'pino';
import { Cluster, mendIdleTimers, tolerateTopicErrors } from './internals.ts';
import { BrokerLink, LINK_CLOSED } from './link.ts';

export interface ClientOptions {
  /** `host:port` each */
  readonly brokers: string[];
  readonly clientId: string;
  readonly ssl?: NonNullable<KafkaConfig['ssl']>;
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
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
    connectionTimeout: options.connectionTimeout ?? 3_000,
    requestTimeout,
    enforceRequestTimeout: true,
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
      const sockets = new Set<Socket>();
      const { brokerPool } = new Cluster({
        ...config,
        logger,
        socketFactory: (args) => openSocket(args, sockets),
        allowAutoTopicCreation: false,
        metadataMaxAge: 0,
      });
      mendIdleTimers(brokerPool);
      tolerateTopicErrors(brokerPool);
      return new BrokerLink({
        pool: brokerPool,
        sockets,
        bootstrapBrokers: options.brokers.length,
      });
    },
  };
}

interface SocketArgs {
  readonly host: string;
  readonly port: number;
  readonly ssl: object | boolean | undefined;
  readonly onConnect: () => void;
}

/** As kafkajs's own, without Nagle's delay, and remembered so that a link can be cut. */
function openSocket({ host, port, ssl, onConnect }: SocketArgs, sockets: Set<Socket>): Socket {
  const servername = isIP(host) ? {} : { servername: host };
  const socket = ssl
    ? connectTls({ host, port, ...servername, ...(ssl === true ? {} : ssl) }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

/** kafkajs's log lines as pino's: warnings and errors, both as warnings, for the lane decides. */
function pinoLogCreator(log: Logger): logCreator {
  return () =>
    ({ namespace, log: { message, timestamp: _, logger: __, stack: ___, ...fields } }) => {
      if (message.includes(LINK_CLOSED)) return;
      log.warn({ ...fields, part: namespace }, `kafkajs: ${message}`);
    };
}
