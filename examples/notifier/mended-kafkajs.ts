/**
 * kafkajs 2.2.4 shows a read_committed consumer messages of aborted transactions: its filter takes
 * one aborted transaction from the broker's list per message, so that where two overlap the first
 * message of the second one passes. Here is a kafkajs with a filter in its place that takes all that
 * have begun: the notifier must not mail what was never published, nor tests and chaos judge the
 * scheduler by it. A copy of its own: whoever imports kafkajs itself, before or after, has it as it is.
 */
import { createRequire } from 'node:module';

interface RawMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

interface Fetched {
  readonly messages: RawMessage[];
  readonly abortedTransactions?: { readonly producerId: string; readonly firstOffset: string }[];
}

export const { Kafka, logLevel } = mendedCopy();

function mendedCopy(): typeof import('kafkajs') {
  const require = createRequire(import.meta.url);
  const { cache } = require;
  const main = require.resolve('kafkajs');
  const folder = main.slice(0, -'index.js'.length);
  const forget = () => {
    const loaded = Object.entries(cache).filter(([file]) => file.startsWith(folder));
    for (const [file] of loaded) delete cache[file];
    return loaded;
  };
  const others = forget();
  const filter = require.resolve('kafkajs/src/consumer/filterAbortedMessages.js');
  require(filter);
  (cache[filter] as NodeJS.Module).exports = committedOf;
  const copy = require(main) as typeof import('kafkajs');
  forget();
  Object.assign(cache, Object.fromEntries(others));
  return copy;
}

function committedOf({ messages, abortedTransactions }: Fetched): RawMessage[] {
  const begins = (abortedTransactions ?? [])
    .map(({ producerId, firstOffset }) => ({ producerId, first: BigInt(firstOffset) }))
    .sort((a, b) => Number(a.first - b.first));
  const aborted = new Set<string>();
  return messages.filter(({ offset, isControlRecord, batchContext }) => {
    const { producerId, inTransaction } = batchContext;
    for (let next = begins[0]; next && next.first <= BigInt(offset); next = begins[0]) {
      aborted.add(next.producerId);
      begins.shift();
    }
    // A producer has one transaction at a time: any marker of its ends the aborted one.
    if (isControlRecord) aborted.delete(producerId);
    return isControlRecord || !inTransaction || !aborted.has(producerId);
  });
}
