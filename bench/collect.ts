import { setTimeout as sleep } from 'node:timers/promises';
import type { Site } from './site.ts';

export interface Arrival {
  readonly id: string;
  /** ms after its instant at which a read_committed consumer had it */
  readonly lateness: number;
}

/** How long to wait for more than there should be. */
const SETTLE = 1_000;

/**
 * Reads the site's topic until as many messages as expected are there, and a little longer.
 * @param expected may be known only later
 */
export async function collect(site: Site, expected: number | Promise<number>): Promise<Arrival[]> {
  const consumer = site.kafka.consumer({
    groupId: `${site.topic}-reader`,
    readUncommitted: false,
    maxWaitTimeInMs: 500,
  });
  const arrivals: Arrival[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [site.topic], fromBeginning: true });
  await consumer.run({
    // Committing offsets after each batch would measure that, too.
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const at = performance.timeOrigin + performance.now();
      for (const { headers } of batch.messages) {
        const instant = Date.parse(String(headers?.ce_time));
        arrivals.push({ id: String(headers?.ce_id), lateness: at - instant });
      }
    },
  });
  const count = await expected;
  while (arrivals.length < count) await sleep(100);
  await sleep(SETTLE);
  await consumer.disconnect();
  return arrivals;
}
