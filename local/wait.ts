import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a condition holds: asks again and again, the sooner the younger the waiting.
 * @param what names the condition in the error
 * @param limitMs milliseconds at most
 * @param ask gives something other than undefined or false when it holds; an error means "not yet"
 *   and is the cause of ours when time is up
 * @throws Error after `limitMs`; GivenUp as soon as `ask` throws it
 */
export async function waitFor<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let pause = 10;
  let cause: unknown;
  for (;;) {
    try {
      const value = await ask();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      if (error instanceof GivenUp) throw error;
      cause = error;
    }
    if (performance.now() + pause > deadline) {
      throw new Error(`${what}: not within ${(limitMs / 1000).toFixed(1)} s`, { cause });
    }
    await sleep(pause);
    pause = Math.min(pause * 1.5, 250);
  }
}

/**
 * Waits like `waitFor`, but a condition that does not come to hold is an answer.
 * @returns whether it held within `limitMs` milliseconds
 */
export async function holdsWithin(
  limitMs: number,
  ask: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (!(await ask())) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/** Thrown by a condition that cannot come to hold any more. */
export class GivenUp extends Error {}

/** Passes on at most one call in so many milliseconds. */
export function every<T>(milliseconds: number, pass: (value: T) => void): (value: T) => void {
  let last = performance.now();
  return (value) => {
    if (performance.now() - last < milliseconds) return;
    last = performance.now();
    pass(value);
  };
}
