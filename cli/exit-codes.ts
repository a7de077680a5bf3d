import { SchedulerError, UnavailableError } from '../client/index.ts';

/** How the program ends; `scheduler --help` shows this list. */
export const EXIT_CODES = {
  0: 'fine',
  1: 'refused; of status --wait: it became something else; of doctor: something is wrong',
  2: 'wrong arguments or settings',
  3: 'no answer: the scheduler or a service cannot be reached, or gives none in time',
  70: 'a mistake in this program',
} as const;

type ExitCode = keyof typeof EXIT_CODES;

/** Arguments, settings or files that are not what they should be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return 2;
  if (error instanceof UnavailableError) return 3;
  if (error instanceof SchedulerError) return error.code === 'timed_out' ? 3 : 1;
  return 70;
}
