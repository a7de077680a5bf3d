import { setImmediate } from 'node:timers/promises';
import { workLimits } from './limits.ts';

/**
 * A computation that rests after every few milliseconds of work at most (`workLimits.slice` steps), so
 * that its caller may let the event loop turn.
 */
export type Work<Result> = Generator<undefined, Result, undefined>;

/** Counts steps of work (see `workLimits`). */
export class Meter {
  steps = 0;
  #restedAt = 0;

  /** Whether so much was done since the last rest that it is time for one. */
  isDue(): boolean {
    if (this.steps - this.#restedAt < workLimits.slice) {
      return false;
    }
    this.#restedAt = this.steps;
    return true;
  }
}

/** Finishes it at once; for programs that have no event loop to care for. */
export function finish<Result>(work: Work<Result>): Result {
  let turn = work.next();
  while (!turn.done) {
    turn = work.next();
  }
  return turn.value;
}

/** Finishes it, letting the event loop turn at every rest. Most work has none and is done at once. */
export async function finishInSlices<Result>(work: Work<Result>): Promise<Result> {
  let turn = work.next();
  while (!turn.done) {
    await setImmediate();
    turn = work.next();
  }
  return turn.value;
}
