import { CODES, type Coded, NEEDED } from './error-codes.ts';

/**
 * - `transient`: Kafka is away or busy; nobody's attempt; new producer, back off
 * - `producer-dead`: the outcome is unknown or another producer took over; resolve by the ledger
 * - `configuration`: the whole lane or cluster is concerned; pause, alarm
 * - `event`: a record was refused; after isolation, an attempt of its event
 */
export type ErrorClass = 'transient' | 'producer-dead' | 'configuration' | 'event';

export interface Classified {
  readonly class: ErrorClass;
  /** stable, snake_case */
  readonly code: string;
  readonly message: string;
  /** the topic that the broker complained about, where it said so */
  readonly topic?: string;
  /** ids of the events that were refused, where that is certain: each was alone in what was refused */
  readonly culprits?: readonly string[];
}

/** What everything in `relay/kafka` throws, with the class of what went wrong. */
export class KafkaError extends Error implements Classified {
  readonly class: ErrorClass;
  readonly code: string;
  declare readonly topic?: string;
  declare readonly culprits?: readonly string[];

  constructor(classified: Classified, cause?: unknown) {
    super(classified.message, { cause });
    this.name = 'KafkaError';
    this.class = classified.class;
    this.code = classified.code;
    if (classified.topic !== undefined) this.topic = classified.topic;
    if (classified.culprits !== undefined) this.culprits = classified.culprits;
  }
}

/** Whether only a person can mend it: certificates, logins, ACLs. */
export function isConfiguration(error: unknown): error is KafkaError {
  return error instanceof KafkaError && error.class === 'configuration';
}

/** What to tell a person of it: with its stable code. */
export function describeTrouble({ code, message }: KafkaError): string {
  return message.includes(code) ? message : `${code}: ${message}`;
}

/** The lane's fence is old: another relay owns it now. Not an error of Kafka. */
export class LaneLostError extends Error {
  constructor(lane: number) {
    super(`lane ${lane} belongs to another relay now`);
    this.name = 'LaneLostError';
  }
}

/** A broker's answer that refused something, with the topic if it was about one. */
export class BrokerRefusal extends Error {
  readonly errorCode: number;
  readonly topic: string | undefined;
  readonly culprits: readonly string[] | undefined;

  constructor(errorCode: number, topic?: string, culprits?: readonly string[]) {
    super(CODES.get(errorCode)?.[1] ?? `Kafka error ${errorCode}`);
    this.name = 'BrokerRefusal';
    this.errorCode = errorCode;
    this.topic = topic;
    this.culprits = culprits;
  }
}

/**
 * Sorts an error of kafkajs, of a socket or of this directory into what the lane must do about it.
 * Unwraps `cause` and aggregates. An error that nothing is known about is `producer-dead`: the
 * ledger decides.
 */
export function classify(error: unknown): Classified {
  const chain = unwrap(error);
  for (const one of chain) {
    if (one instanceof KafkaError) return one;
  }
  for (const one of chain) {
    const known = byProtocolCode(one);
    if (known) return known;
  }
  for (const one of chain) {
    const known = byKind(one);
    if (known) return known;
  }
  const message = chain[0]?.message ?? String(error);
  return { class: 'producer-dead', code: 'unknown_error', message };
}

/** Wraps anything thrown into a `KafkaError`, so that callers see one type. */
export function toKafkaError(error: unknown): KafkaError | LaneLostError {
  if (error instanceof KafkaError || error instanceof LaneLostError) return error;
  return new KafkaError(classify(error), error);
}

/** Carries an error of a caller's own callback out, to be given back to the caller as it was. */
export class CallbackError extends Error {
  constructor(cause: unknown) {
    super('a callback failed', { cause });
    this.name = 'CallbackError';
  }
}

/** Runs a callback of the caller, so that `surfaced` can tell its errors from Kafka's. */
export async function callBack<T>(callback: () => T | Promise<T>): Promise<T> {
  try {
    return await callback();
  } catch (error) {
    throw new CallbackError(error);
  }
}

/** What to throw to a caller: its callback's own error, or else a classified one. */
export function surfaced(error: unknown): unknown {
  return error instanceof CallbackError ? error.cause : toKafkaError(error);
}

/** Kafka's numeric code of an error, or null. */
export function protocolCode(error: unknown): number | null {
  for (const one of unwrap(error)) {
    const code = ownProtocolCode(one);
    if (code !== null) return code;
  }
  return null;
}

interface AnyError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly topic?: unknown;
}

/** An error, its causes and the members of aggregates, outermost first; bounded, cycle-safe. */
function unwrap(error: unknown): AnyError[] {
  const found: AnyError[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && found.length < 20) {
    const next = queue.shift();
    if (typeof next !== 'object' || next === null || found.includes(next)) continue;
    const one: AnyError = next;
    found.push(one);
    if (Array.isArray(one.errors)) queue.push(...one.errors);
    queue.push(one.cause);
  }
  return found;
}

function ownProtocolCode(error: AnyError): number | null {
  if (error instanceof BrokerRefusal) return error.errorCode;
  if (typeof error.code !== 'number') return null;
  // kafkajs 2.2.4 knows codes up to 88; of later ones (PRODUCER_FENCED is 90) only text remains.
  if (error.code === -99) {
    const text = /error code (\d+)/i.exec(error.message ?? '');
    return text ? Number(text[1]) : -1;
  }
  return error.code;
}

function byProtocolCode(error: AnyError): Classified | null {
  const number = ownProtocolCode(error);
  if (number === null) return null;
  const known: Coded = CODES.get(number) ?? ['producer-dead', `kafka_error_${number}`];
  const topic = typeof error.topic === 'string' ? error.topic : undefined;
  return {
    class: known[0],
    code: known[1],
    message: describe(known[1], number, topic),
    ...(topic === undefined ? {} : { topic }),
    ...(error instanceof BrokerRefusal && error.culprits ? { culprits: error.culprits } : {}),
  };
}

function describe(code: string, number: number, topic: string | undefined): string {
  const about = topic === undefined ? '' : ` on topic ${topic}`;
  const needed = NEEDED.get(number);
  return `Kafka answered ${code} (${number})${about}${needed ? `: needs ${needed}` : ''}`;
}

const KINDS = new Map<string, Coded>([
  ['KafkaJSConnectionError', ['transient', 'connection_failed']],
  ['KafkaJSConnectionClosedError', ['transient', 'connection_closed']],
  ['KafkaJSRequestTimeoutError', ['transient', 'request_timed_out']],
  ['KafkaJSBrokerNotFound', ['transient', 'broker_not_found']],
  ['KafkaJSNoBrokerAvailableError', ['transient', 'broker_not_found']],
  ['KafkaJSGroupCoordinatorNotFound', ['transient', 'coordinator_not_found']],
  ['KafkaJSMetadataNotLoaded', ['transient', 'metadata_not_loaded']],
  ['KafkaJSTopicMetadataNotLoaded', ['transient', 'metadata_not_loaded']],
  ['KafkaJSLockTimeout', ['transient', 'lock_timed_out']],
  ['KafkaJSTimeout', ['transient', 'request_timed_out']],
  ['KafkaJSSASLAuthenticationError', ['configuration', 'sasl_authentication_failed']],
  ['KafkaJSServerDoesNotSupportApiKey', ['configuration', 'unsupported_version']],
]);

/** Codes of Node's sockets; anything of TLS (`ERR_TLS_…`, `CERT_…`, …) is configuration. */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_OSSL|EPROTO)/;
const SOCKET_CODE =
  /^(ECONN|EPIPE|EHOST|ENET|ETIMEDOUT|ENOTFOUND|EAI_|EADDR|ERR_STREAM|ERR_SOCKET)/;

function byKind(error: AnyError): Classified | null {
  const message = error.message ?? error.name ?? 'unknown error';
  if (typeof error.code === 'string') {
    if (TLS_CODE.test(error.code)) return { class: 'configuration', code: 'tls_failed', message };
    if (SOCKET_CODE.test(error.code)) {
      return { class: 'transient', code: 'connection_failed', message };
    }
  }
  const kind = error.name === undefined ? undefined : KINDS.get(error.name);
  return kind ? { class: kind[0], code: kind[1], message } : null;
}
