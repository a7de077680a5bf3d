import type { Mutant } from './mutant.ts';

const RECOVERY = 'relay/recovery.ts';
const EXACTLY_ONCE = 'relay/kafka/exactly-once.ts';

/** Steps 1 to 4 and 7 of the lane protocol: who may work, and what became of the open batch. */
export const ofRecovery: readonly Mutant[] = [
  {
    name: 'no-fence-check',
    breaks: 'a relay works on although another has taken its lane over, and fences it in Kafka',
    patch: [
      {
        file: 'relay/relay.ts',
        find: 'if (!ours) this.#lanes.get(lane)?.worker.stop();',
        replace: 'void ours;',
      },
    ],
    sql: [
      {
        function: 'scheduler_private.lock_lane',
        find: 'if v_lane.fence is distinct from p_fence then',
        replace: 'if false then',
      },
    ],
    // Stopped between ledger and database it takes the one for the other's past, and quarantines.
    exposedBy: ['sigstop', 'kill'],
  },
  {
    name: 'producers-not-fenced',
    breaks: 'each relay has transactional ids of its own, so that a zombie can still commit',
    patch: [
      {
        file: EXACTLY_ONCE,
        find: 'transactionalId: laneName(deps.deployment, options.lane),',
        replace: 'transactionalId: laneName(deps.deployment, options.lane) + process.pid,',
      },
      {
        file: EXACTLY_ONCE,
        find: 'transactionalId: laneName(this.#deps.deployment, this.#lane),',
        replace: 'transactionalId: laneName(this.#deps.deployment, this.#lane) + process.pid,',
      },
    ],
    exposedBy: ['sigstop'],
  },
  {
    name: 'no-ledger-read',
    breaks: 'an open batch is always taken for unpublished and claimed again',
    patch: [
      {
        file: RECOVERY,
        find: 'const { openBatch, lastConfirmed } = state;\n',
        replace:
          'const { openBatch, lastConfirmed } = state;\n  if (openBatch) return endAbsent(context, openBatch, rejected);\n',
      },
    ],
    exposedBy: ['kill'],
  },
  {
    name: 'always-confirmed',
    breaks: 'an open batch is always taken for published',
    patch: [
      {
        file: RECOVERY,
        find: 'if (openBatch && entry === openBatch.id) {',
        replace: 'if (openBatch) {',
      },
    ],
    exposedBy: ['kill'],
  },
  {
    name: 'ledger-before-fence',
    breaks: 'the ledger is read a second before the former producer is fenced, and believed',
    patch: [
      {
        file: EXACTLY_ONCE,
        find: '    await fence(transactions, deps, options);\n    const answer = await readBehindBarrier(transactions, deps);',
        replace:
          '    const entries = await transactions.readOffsets([BATCH_PARTITION]);\n    const answer = { ledger: entries.get(BATCH_PARTITION) ?? null };\n    await sleep(1_000);\n    await fence(transactions, deps, options);',
      },
    ],
    // A zombie that wakes within that second commits.
    exposedBy: ['sigstop'],
  },
  {
    name: 'barrier-skipped',
    breaks: 'the ledger is read without waiting until a transaction of its own shows there',
    patch: [
      {
        file: EXACTLY_ONCE,
        find: '  await transactions.begin();\n  await transactions.commitOffset(TOKEN_PARTITION, token);\n  await transactions.commit();\n',
        replace: '',
      },
      { file: EXACTLY_ONCE, find: 'if (shown === token) {', replace: 'if (token) {' },
    ],
    exposedBy: ['coordinator-kill', 'broker-kill'],
    maySurvive:
      "InitProducerId of Kafka 4.1 answers CONCURRENT_TRANSACTIONS until every marker of the former transaction is written, the ledger group's too; only a group coordinator that was replaced and does not know it could still answer with an old entry",
  },
  {
    name: 'lost-ledger-trusted',
    breaks: 'a ledger that is gone reads as "never published"',
    patch: [
      {
        file: RECOVERY,
        find: '  if (entry !== lastConfirmed) {\n    // Also',
        replace: '  if (entry !== null && entry !== lastConfirmed) {\n    // Also',
      },
    ],
    exposedBy: ['kill', 'ledger-delete'],
  },
  {
    name: 'older-database-trusted',
    breaks: 'a ledger that is ahead of the database is taken for its own, and published again from',
    patch: [
      {
        file: RECOVERY,
        find: '  if (entry !== lastConfirmed) {\n    // Also',
        replace: '  if (entry === null) {\n    // Also',
      },
    ],
    exposedBy: ['restore'],
  },
  {
    name: 'attempts-on-timeouts',
    breaks: 'a broker or network that is away counts as a rejected attempt of the event',
    patch: [
      {
        file: 'relay/lane.ts',
        find: "error instanceof KafkaError && error.class === 'event'",
        replace: "error instanceof KafkaError && error.class !== 'configuration'",
      },
    ],
    exposedBy: ['broker-kill', 'leader-kill', 'proxy-cut'],
  },
];
