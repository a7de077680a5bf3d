import { FleetingTopic } from './fleeting-topic.ts';
import type { Delivery, TopicFacts } from './history.ts';
import { readLive } from './readers/live.ts';
import { createTopic } from './services/admin.ts';
import type { Destinations } from './workload/versions.ts';

/** The topics of a round and who reads them. */
export interface Audience {
  readonly destinations: Destinations;
  readonly fleeting: FleetingTopic;
  readonly facts: () => TopicFacts[];
  /** Waits until the readers have everything that is on the topics now. */
  drain(): Promise<void>;
  deliveries(): Delivery[];
  close(): Promise<void>;
}

/** bytes: max.message.bytes of the narrow topic */
const NARROW = 4_000;

/**
 * @param brokers `host:port` each, directly
 * @param prefix of the topics' names
 */
export async function openAudience(brokers: string[], prefix: string): Promise<Audience> {
  const steady = [`${prefix}-steady-1`, `${prefix}-steady-2`] as const;
  const narrow = `${prefix}-narrow`;
  const missing = `${prefix}-missing`;
  const config = { 'max.message.bytes': String(NARROW) };
  await Promise.all([
    ...steady.map((topic) => createTopic(brokers, { topic, partitions: 3 })),
    createTopic(brokers, { topic: narrow, partitions: 2, config }),
  ]);
  const reader = await readLive(brokers, [...steady, narrow]);
  const fleeting = new FleetingTopic(brokers, `${prefix}-fleeting`);
  await fleeting.create();
  return {
    destinations: { steady, narrow, missing, fleeting: fleeting.topic },
    fleeting,
    facts: () => [
      ...steady.map((topic) => present(topic, 'steady', null)),
      present(narrow, 'narrow', NARROW),
      present(missing, 'missing', null),
      fleeting.facts(),
    ],
    drain: async () => {
      await Promise.all([reader.drain(), fleeting.drain()]);
    },
    deliveries: () => [...reader.deliveries(), ...fleeting.deliveries()],
    close: async () => {
      await Promise.all([reader.close(), fleeting.close()]);
    },
  };
}

function present(topic: string, kind: TopicFacts['kind'], maxBytes: number | null): TopicFacts {
  return { topic, kind, maxBytes, absent: [] };
}
