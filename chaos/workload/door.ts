import type { EventVersion, Operation } from '../history.ts';

export type Outcome = Pick<Operation, 'outcome' | 'code'>;

/** A way into the scheduler. Its methods never throw: what went wrong is an outcome. */
export interface Door {
  readonly name: Operation['door'];
  create(id: string, version: EventVersion): Promise<Outcome>;
  replace(id: string, version: EventVersion): Promise<Outcome>;
  cancel(id: string): Promise<Outcome>;
  close(): Promise<void>;
}

export const OK: Outcome = { outcome: 'ok', code: null };

/** RFC 3339, UTC, whole milliseconds */
export function timeOf(instant: number): string {
  return new Date(instant).toISOString();
}

/** The same in whole seconds without offset: a wall time in UTC. */
export function wallTimeOf(instant: number): string {
  return timeOf(instant).slice(0, 19);
}
