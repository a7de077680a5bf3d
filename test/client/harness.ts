import { createSchedulableEvent, type EventToSchedule } from '../../client/index.ts';

/** An event that waits for long. */
export const newEvent = (fields: Partial<EventToSchedule> = {}) =>
  createSchedulableEvent({
    scheduledAt: '2035-01-01T00:00:00Z',
    payload: { hello: 'world' },
    destinationTopic: 'a-destination-topic',
    ...fields,
  });

/** What an iterator gives, at most so many. */
export async function collect<T>(
  items: AsyncIterable<T>,
  most = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
    if (all.length >= most) break;
  }
  return all;
}
