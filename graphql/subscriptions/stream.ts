import type { Caller } from '../../api/identity/caller.ts';
import type { Signal } from './signal.ts';

/** Greatest delay of a timer, milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * A stream that ends when its reader leaves, even while it waits, and with the token of its caller.
 * @param items waits by the signal and ends with it
 * @param release is called once, at the end
 */
export function makeStream<Item>(
  items: AsyncGenerator<Item>,
  signal: Signal,
  caller: Caller,
  release: () => void,
): AsyncIterableIterator<Item> {
  const { expiresAt } = caller;
  const left = expiresAt ? expiresAt.getTime() - Date.now() : LONGEST_DELAY;
  const timer = setTimeout(() => signal.end(), Math.min(left, LONGEST_DELAY)).unref();
  let isOver = false;
  const finish = () => {
    if (!isOver) {
      isOver = true;
      clearTimeout(timer);
      release();
    }
  };
  return {
    async next() {
      try {
        const item = await items.next();
        if (item.done) finish();
        return item;
      } catch (error) {
        finish();
        throw error;
      }
    },
    async return() {
      // A generator that waits does not hear of it otherwise.
      signal.end();
      finish();
      return items.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
