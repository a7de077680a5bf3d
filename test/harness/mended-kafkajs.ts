/**
 * kafkajs 2.2.4 shows a read_committed consumer messages of aborted transactions: its filter takes
 * one aborted transaction from the broker's list per message, so that where two overlap the first
 * message of the second one passes. This puts a filter in its place that takes all that have begun,
 * so that the tests judge the scheduler and not the consumer. To be imported before kafkajs.
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

const require = createRequire(import.meta.url);
const filter = require.resolve('kafkajs/src/consumer/filterAbortedMessages.js');
if (require.cache[require.resolve('kafkajs/src/consumer/batch.js')]) {
  throw new Error('kafkajs was loaded before its filter of aborted messages was mended');
}
require(filter);
(require.cache[filter] as NodeJS.Module).exports = committedOf;

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
