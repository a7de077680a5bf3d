import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work between two chances for the event loop. */
const SLICE = 5;

/**
 * Makes something of each item, one after the other, and lets the event loop turn every few
 * milliseconds, so that who sends many holds up nobody else.
 * @returns the results in the order of the items
 * @throws whatever `make` throws, at the first item that it throws for
 */
export async function mapInSlices<Item, Result>(
  items: readonly Item[],
  make: (item: Item, index: number) => Result | Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let since = performance.now();
  for (const [index, item] of items.entries()) {
    const result = make(item, index);
    results.push(result instanceof Promise ? await result : result);
    if (performance.now() - since > SLICE) {
      await setImmediate();
      since = performance.now();
    }
  }
  return results;
}
