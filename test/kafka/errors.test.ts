import { createRequire } from 'node:module';
import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded } from 'kafkajs';
import { expect, test } from 'vitest';
import { CODES as ours } from '../../relay/kafka/error-codes.ts';
import {
  BrokerRefusal,
  CallbackError,
  callBack,
  classify,
  type ErrorClass,
  KafkaError,
  LaneLostError,
  protocolCode,
  surfaced,
  toKafkaError,
} from '../../relay/kafka/errors.ts';

const require = createRequire(import.meta.url);
const errors = require('kafkajs/src/errors.js');
const { createErrorFromCode } = require('kafkajs/src/protocol/error.js');

/** The classes by Kafka's error codes, as decided (facts about kafkajs and Kafka, "Error classes"). */
const TABLE: [ErrorClass, number[]][] = [
  ['transient', [2, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 74, 75, 89]],
  ['producer-dead', [45, 46, 47, 48, 49, 52, 59, 90, -1, 1, 4, 11, 1234]],
  ['configuration', [12, 30, 31, 33, 34, 35, 50, 53, 58]],
  ['event', [3, 10, 17, 18, 29, 32, 44, 55, 76, 87]],
];

const retried = (error: Error) =>
  new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 5, retryTime: 1 });

/** How kafkajs and Node hand an error on. */
const WRAPPERS: [string, (error: Error) => unknown][] = [
  ['as it is', (error) => error],
  ['after the last retry', retried],
  ['as not to be retried', (error) => new errors.KafkaJSNonRetriableError(error, { cause: error })],
  [
    'in two wrappers',
    (error) => new errors.KafkaJSNonRetriableError('x', { cause: retried(error) }),
  ],
  ['in an aggregate', (error) => new errors.KafkaJSAggregateError('x', [new Error('y'), error])],
  ['in a rejected Promise.any', (error) => new AggregateError([error])],
];

const CODES = TABLE.flatMap(([kind, codes]) => codes.map((code) => [code, kind] as const));

test.each(WRAPPERS)(
  "each code of the broker has its class when kafkajs's error comes %s",
  (_n, wrap) => {
    const found = CODES.map(([code]) => [code, classify(wrap(createErrorFromCode(code))).class]);
    expect(found).toEqual(CODES.map((pair) => [...pair]));
  },
);

test.each(WRAPPERS)(
  'each code that we read ourselves has its class %s, and its topic',
  (_n, wrap) => {
    const found = CODES.map(([code]) => {
      const { class: kind, topic } = classify(wrap(new BrokerRefusal(code, 'orders')));
      return [code, kind, topic];
    });
    expect(found).toEqual(CODES.map((pair) => [...pair, 'orders']));
  },
);

test('the table leaves out no code that we give a class to', () => {
  const known = new Set(CODES.map(([code]) => code));
  expect([...ours.keys()].filter((code) => !known.has(code))).toEqual([]);
});

test('a code has one stable name, in snake case, whoever read it', () => {
  for (const [code] of CODES) {
    const { code: name } = classify(createErrorFromCode(code));
    expect(name).toMatch(/^[a-z][a-z0-9_]+$/);
    expect(classify(new BrokerRefusal(code)).code).toBe(name);
  }
  expect(classify(createErrorFromCode(3)).code).toBe('unknown_topic');
  expect(classify(createErrorFromCode(90)).code).toBe('producer_fenced');
  expect(classify(createErrorFromCode(1234)).code).toBe('kafka_error_1234');
});

const socketError = (code: string) => Object.assign(new Error(code), { code });

test.each<[string, unknown, ErrorClass, string]>([
  [
    'refused connection',
    new KafkaJSConnectionError('x', { code: 'ECONNREFUSED' }),
    'transient',
    'connection_failed',
  ],
  [
    'connection without a reason',
    new errors.KafkaJSConnectionError('x'),
    'transient',
    'connection_failed',
  ],
  [
    'closed connection',
    new errors.KafkaJSConnectionClosedError('x', {}),
    'transient',
    'connection_closed',
  ],
  ['request timeout', new errors.KafkaJSRequestTimeoutError('x'), 'transient', 'request_timed_out'],
  ['missing broker', new errors.KafkaJSBrokerNotFound('x'), 'transient', 'broker_not_found'],
  ['no broker at all', new errors.KafkaJSNoBrokerAvailableError(), 'transient', 'broker_not_found'],
  [
    'missing coordinator',
    new errors.KafkaJSGroupCoordinatorNotFound('x'),
    'transient',
    'coordinator_not_found',
  ],
  [
    'missing metadata',
    new errors.KafkaJSMetadataNotLoaded('x'),
    'transient',
    'metadata_not_loaded',
  ],
  ['lock timeout', new errors.KafkaJSLockTimeout('x'), 'transient', 'lock_timed_out'],
  [
    'refused password',
    new errors.KafkaJSSASLAuthenticationError('x'),
    'configuration',
    'sasl_authentication_failed',
  ],
  [
    'too old broker',
    new errors.KafkaJSServerDoesNotSupportApiKey('x', {}),
    'configuration',
    'unsupported_version',
  ],
  ['reset socket', socketError('ECONNRESET'), 'transient', 'connection_failed'],
  ['broken pipe', socketError('EPIPE'), 'transient', 'connection_failed'],
  ['name that does not resolve', socketError('ENOTFOUND'), 'transient', 'connection_failed'],
  [
    'certificate of another host',
    socketError('ERR_TLS_CERT_ALTNAME_INVALID'),
    'configuration',
    'tls_failed',
  ],
  ['unknown CA', socketError('SELF_SIGNED_CERT_IN_CHAIN'), 'configuration', 'tls_failed'],
  ['expired certificate', socketError('CERT_HAS_EXPIRED'), 'configuration', 'tls_failed'],
  [
    'refused client certificate',
    socketError('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
    'configuration',
    'tls_failed',
  ],
  ['bug', new TypeError('x is undefined'), 'producer-dead', 'unknown_error'],
  ['string', 'oops', 'producer-dead', 'unknown_error'],
  ['nothing', undefined, 'producer-dead', 'unknown_error'],
])('a %s is classified, bare and wrapped', (_name, error, kind, code) => {
  expect(classify(error)).toMatchObject({ class: kind, code });
  expect(classify(new Error('outer', { cause: error }))).toMatchObject({ class: kind, code });
});

test("the broker's code counts more than how it reached us", () => {
  const cause = createErrorFromCode(29);
  const outer = Object.assign(new KafkaJSConnectionError('x', { code: 'ECONNRESET' }), { cause });
  expect(classify(outer)).toMatchObject({ class: 'event', code: 'topic_authorization_failed' });
  expect(protocolCode(outer)).toBe(29);
});

test('what was classified once stays so', () => {
  const inner = new KafkaError({ class: 'configuration', code: 'ledger_partitions', message: 'm' });
  expect(classify(retried(inner))).toBe(inner);
  expect(toKafkaError(inner)).toBe(inner);
  const lost = new LaneLostError(3);
  expect(toKafkaError(lost)).toBe(lost);
});

test('a circle of causes comes to an end', () => {
  const error: Error = new Error('round');
  error.cause = error;
  expect(classify(error)).toMatchObject({ class: 'producer-dead', code: 'unknown_error' });
});

test("a callback's error comes back as it was, Kafka's comes back classified", async () => {
  const mine = new Error('postgres is away');
  const carried = await callBack(() => Promise.reject(mine)).catch((error: unknown) => error);
  expect(carried).toBeInstanceOf(CallbackError);
  expect(surfaced(carried)).toBe(mine);
  expect(surfaced(createErrorFromCode(10))).toMatchObject({ code: 'record_too_large' });
});

test('the cause is kept for the log', () => {
  const cause = createErrorFromCode(10);
  expect((toKafkaError(cause) as KafkaError).cause).toBe(cause);
});
