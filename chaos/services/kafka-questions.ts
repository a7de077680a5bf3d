import { ask, int8, metadataOf, string } from '../../local/kafka-wire.ts';
import { waitFor } from '../../local/wait.ts';

/** ms after which a cluster with at most one broker down should have chosen */
const CHOICE_LIMIT = 10_000;

const COORDINATOR_KINDS = { group: 0, transaction: 1 } as const;

/**
 * Which node leads a partition.
 * @param brokers `host:port` each
 * @throws Error when none has in 10 s
 */
export function leaderOf(brokers: string[], topic: string, partition: number): Promise<number> {
  return waitFor(`${topic}/${partition} has a leader`, CHOICE_LIMIT, () =>
    firstAnswer(brokers, async (broker) => {
      const { topics } = await metadataOf(broker, [topic]);
      const found = topics[0]?.partitions.find((one) => one.partition === partition);
      return found && found.leader > 0 && found.leader;
    }),
  );
}

/**
 * Which node coordinates a group or a transactional id. Asking makes Kafka create the topic that its
 * coordinators keep their state in, if it is missing.
 * @param brokers `host:port` each
 * @throws Error when none has in 10 s
 */
export function coordinatorOf(
  brokers: string[],
  kind: keyof typeof COORDINATOR_KINDS,
  id: string,
): Promise<number> {
  const body = Buffer.concat([string(id), int8(COORDINATOR_KINDS[kind])]);
  return waitFor(`${kind} ${id} has a coordinator`, CHOICE_LIMIT, () =>
    firstAnswer(brokers, async (broker) => {
      const answer = await ask(broker, { api: 10, version: 1, body });
      answer.int32(); // throttle time
      const error = answer.int16();
      answer.string(); // the error in words
      return error === 0 && answer.int32();
    }),
  );
}

/**
 * Waits until all brokers are admitted, and every copy of every partition, also of Kafka's own topics,
 * is in sync.
 * @param brokers `host:port` each
 * @param limitMs milliseconds
 * @throws Error after that
 */
export async function untilInSync(brokers: string[], limitMs: number): Promise<void> {
  await waitFor('all copies are in sync', limitMs, () =>
    firstAnswer(brokers, async (broker) => {
      const { nodes, topics } = await metadataOf(broker, null);
      const partitions = topics.flatMap((topic) => topic.partitions);
      return (
        nodes.length === brokers.length &&
        partitions.every((one) => one.leader > 0 && one.inSync.length === one.replicas.length)
      );
    }),
  );
}

/**
 * Waits until no broker knows a topic any more. One that is down is not asked: it learns of it before it
 * is admitted again.
 * @param brokers `host:port` each
 * @param limitMs milliseconds
 * @throws Error after that
 */
export async function untilGone(brokers: string[], topic: string, limitMs: number): Promise<void> {
  const UNKNOWN_TOPIC = 3;
  await waitFor(`topic ${topic} is gone`, limitMs, async () => {
    const asked = await Promise.allSettled(brokers.map((broker) => metadataOf(broker, [topic])));
    const answers = asked.filter((one) => one.status === 'fulfilled');
    return (
      answers.length > 0 && answers.every(({ value }) => value.topics[0]?.error === UNKNOWN_TOPIC)
    );
  });
}

/** What the first broker says that answers. */
async function firstAnswer<T>(
  brokers: string[],
  question: (broker: string) => Promise<T>,
): Promise<T> {
  const errors: unknown[] = [];
  for (const broker of brokers) {
    try {
      return await question(broker);
    } catch (error) {
      errors.push(error);
    }
  }
  throw new AggregateError(errors, `none of ${brokers} answers`);
}
