import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { waitFor } from '../../local/wait.ts';
import { BatchLimits } from '../../relay/kafka/batches.ts';
import {
  type ClientOptions,
  createKafkaClient,
  type KafkaClient,
} from '../../relay/kafka/client.ts';
import { KafkaError } from '../../relay/kafka/errors.ts';
import {
  type OpenedPublisher,
  type OpenOptions,
  openPublisher,
} from '../../relay/kafka/exactly-once.ts';
import { ensureLedger } from '../../relay/kafka/ledger.ts';
import type { PublisherDeps } from '../../relay/kafka/publisher.ts';
import type { OutgoingRecord } from '../../relay/kafka/records.ts';
import { untilServed, withAdmin } from '../harness/kafka.ts';

/** The relay's own client, silent. */
export function relayClient(
  brokers: string[],
  options: Partial<Omit<ClientOptions, 'brokers'>> = {},
): KafkaClient {
  return createKafkaClient({
    brokers,
    clientId: 'test-relay',
    log: pino({ level: 'silent' }),
    ...options,
  });
}

/** A record; the key serves as its id, too. */
export function record(topic: string, key: string, value: Buffer | string = key): OutgoingRecord {
  return {
    eventId: key,
    topic,
    key,
    value: Buffer.from(value as string),
    headers: { ce_id: key },
  };
}

export interface Lanes {
  /** one that nobody else uses, its ledger topic made */
  readonly deployment: string;
  deps(more?: Partial<PublisherDeps>): PublisherDeps;
  /** Opens a publisher, again while Kafka is only busy; closed by `closeAll`. */
  open(
    lane: number,
    more?: Partial<PublisherDeps>,
    options?: Partial<OpenOptions>,
  ): Promise<OpenedPublisher>;
  /** The lane's ledger entry, as a new owner of the lane finds it. */
  ledger(lane: number): Promise<string | null>;
  closeAll(): Promise<void>;
}

/** The lanes of a deployment of its own. */
export async function testLanes(brokers: string[]): Promise<Lanes> {
  const deployment = `test-${randomUUID()}`;
  const client = relayClient(brokers);
  const opened: OpenedPublisher[] = [];
  const deps = (more: Partial<PublisherDeps> = {}) => ({
    client,
    deployment,
    limits: new BatchLimits(),
    now: Date.now,
    ...more,
  });
  const open: Lanes['open'] = async (lane, more, options) => {
    const one = await whenNotBusy(() =>
      openPublisher(deps(more), { lane, stillOwner: async () => true, ...options }),
    );
    opened.push(one);
    return one;
  };
  await whenNotBusy(() => ensureLedger(client, deployment));
  return {
    deployment,
    deps,
    open,
    ledger: async (lane) => (await open(lane)).ledger,
    closeAll: async () => {
      await Promise.all(opened.map(({ publisher }) => publisher.close()));
    },
  };
}

/** Repeats what fails transiently: a broker that has just started makes its inner topics first. */
async function whenNotBusy<T>(work: () => Promise<T>): Promise<T> {
  const outcome = await waitFor('Kafka is not busy', 20_000, async () => {
    const [settled] = await Promise.allSettled([work()]);
    return isBusy(settled) ? undefined : settled;
  });
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

function isBusy(settled: PromiseSettledResult<unknown>): boolean {
  if (settled.status === 'fulfilled') return false;
  return settled.reason instanceof KafkaError && settled.reason.class === 'transient';
}

/** The error that something must end with. */
export async function failureOf(work: Promise<unknown>): Promise<KafkaError> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof KafkaError) return error;
  throw error;
}

/** Creates a topic with the broker's default of partitions and waits until it is served. */
export async function createTopic(brokers: string[], topic: string): Promise<string> {
  await withAdmin(brokers, async (admin) => {
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic }] });
    await untilServed(admin, topic);
  });
  return topic;
}

/** Deletes a topic and waits until the broker has heard of it. */
export async function deleteTopic(brokers: string[], topic: string): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    await waitFor(`${topic} is gone`, 10_000, async () => {
      return !(await admin.listTopics()).includes(topic);
    });
  });
}
