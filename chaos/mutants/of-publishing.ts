import type { Mutant } from './mutant.ts';

const LANE = 'relay/lane.ts';
const EXACTLY_ONCE = 'relay/kafka/exactly-once.ts';
const PUBLISH = 'await ready.publisher.publish(batch.id, records, beforeCommit, timestamp);';
const CONFIRM =
  'if (!(await database.confirm(batch.id))) throw new BatchOpenError(this.#context.lane);';

/** What a broker refused is not repeated, as kafkajs does not. */
const REPEATING = `
      const late = () =>
        new Promise((_, reject) => setTimeout(reject, 1_000, new Error('late')));
      for (let tries = 1; ; tries++) {
        try {
          await Promise.race([link.send(broker, produceRequest(chunks, options)), late()]);
          break;
        } catch (error) {
          if (tries >= 6 || error.errorCode !== undefined) throw error;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
`;

/** Step 5 and 6 of the lane protocol: one transaction with records and ledger entry, then confirm. */
export const ofPublishing: readonly Mutant[] = [
  {
    name: 'confirm-before-commit',
    breaks: 'events are PUBLISHED before Kafka has committed them',
    patch: [
      { file: LANE, find: PUBLISH, replace: `await database.confirm(batch.id); ${PUBLISH}` },
      { file: LANE, find: CONFIRM, replace: '' },
    ],
    exposedBy: ['kill'],
  },
  {
    name: 'commit-error-ignored',
    breaks: 'a commit whose answer is lost, or that is refused, is taken for done',
    patch: [
      {
        file: EXACTLY_ONCE,
        find: "      if (beforeCommit) await callBack(beforeCommit);\n      await this.#step('committing');\n      await this.#transactions.commit();",
        replace:
          "      if (beforeCommit) await callBack(beforeCommit);\n      await this.#step('committing');\n      await this.#transactions.commit().catch(() => undefined);",
      },
    ],
    exposedBy: ['proxy-cut', 'proxy-swallow', 'coordinator-kill'],
  },
  {
    name: 'ledger-entry-apart',
    breaks: 'the ledger entry is committed in a transaction of its own, before the records',
    patch: [
      {
        file: EXACTLY_ONCE,
        find: "      await this.#transactions.begin();\n      await this.#step('begun');",
        replace:
          "      await this.#transactions.begin();\n      await this.#transactions.commitOffset(BATCH_PARTITION, batchId);\n      await this.#transactions.commit();\n      await this.#transactions.begin();\n      await this.#step('begun');",
      },
    ],
    exposedBy: ['kill'],
  },
  {
    name: 'produce-repeated',
    breaks: 'a produce request without an answer is sent again under new sequence numbers',
    patch: [
      {
        file: 'relay/kafka/produce.ts',
        find: '      await link.send(broker, produceRequest(chunks, options));\n',
        replace: REPEATING,
      },
    ],
    exposedBy: ['proxy-swallow', 'proxy-cut'],
  },
  {
    name: 'published-ahead',
    breaks: 'what is due within the next second is published at once',
    patch: [
      {
        file: LANE,
        find: 'const ahead = Math.max(0, dueIn ?? 0) * 1000;',
        replace: 'const ahead = Math.max(0, dueIn ?? 0) * 0;',
      },
    ],
    sql: [
      {
        function: 'scheduler_private.claim',
        find: 'v_until := v_now + v_settings.look_ahead;',
        replace: "v_until := v_now + interval '1 second';",
      },
    ],
    exposedBy: [],
  },
  {
    name: 'own-clock-in-records',
    breaks: "records bear the time of the relay's own clock",
    patch: [
      {
        file: EXACTLY_ONCE,
        find: 'timestamp: timestamp ?? Math.ceil(now()),',
        replace: 'timestamp: (void now, void timestamp, Date.now()),',
      },
    ],
    exposedBy: ['clock-step'],
  },
];
