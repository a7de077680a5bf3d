import type { KafkaError } from './kafka/errors.ts';
import type { Batch, LaneContext, Refusal } from './lane-context.ts';
import type { RejectedEvent } from './lane-database.ts';

/** What a broker refuses for its topic's sake it would refuse of every event that goes there. */
const OF_TOPIC = ['unknown_topic', 'invalid_topic', 'topic_authorization_failed'];

/** What a broker's refusal of a batch says, and of which of its events it is certain. */
export function refusalOf(
  { code, message, topic, culprits = [] }: KafkaError,
  batch: Batch,
): Refusal {
  if (!OF_TOPIC.includes(code)) return { code, message, culprits };
  const sentThere = batch.events.filter((event) => event.topic === topic);
  return { code, message, culprits: sentThere.map(({ id }) => id) };
}

/**
 * Counts an attempt of events of the open batch, which is provably absent, and takes them out of it.
 * @param said what the log says of each
 * @returns the rest, open under a new id; null: nothing is left, or the batch is not open any more
 */
export async function rejectFrom(
  { database, log }: LaneContext,
  batch: Batch,
  rejected: readonly RejectedEvent[],
  said: string,
): Promise<Batch | null> {
  const id = await database.reject(batch.id, rejected);
  for (const { id: event, code } of rejected) log.warn({ event, code }, said);
  const gone = new Set(rejected.map((event) => event.id));
  const events = batch.events.filter((event) => !gone.has(event.id));
  return id === null ? null : { id, events, refusal: null };
}
