/** When to ask again. */
export interface Repetition {
  /** ms that the server asked to wait at least */
  readonly after: number;
}

/** ms */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;

/**
 * How long to wait after an attempt: twice as long each time, less a random part of it, so that
 * callers who failed together do not come again together.
 * @param attempt number of the attempt that failed, from 1
 * @returns ms
 */
export function pauseBefore(attempt: number, { after }: Repetition): number {
  const whole = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1));
  return after + whole * (1 - Math.random() / 2);
}

/**
 * @param ms how long
 * @throws the signal's reason when it aborts meanwhile
 */
export async function pause(ms: number, signal?: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
