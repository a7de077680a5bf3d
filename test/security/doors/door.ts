import type { Json } from '../../api/harness.ts';
import type { Operation, Outcome } from '../matrix.ts';
import type { Scene, Who } from '../scene.ts';
import type { Estate, State, Subject } from '../states.ts';

export interface Door {
  /** what can be tried at it */
  readonly operations: readonly Operation[];
  /** Whether somebody can try it on an event in a state. */
  has(operation: Operation, who: Who, state: State): boolean;
  open(scene: Scene): OpenDoor;
}

export interface OpenDoor {
  /** the events that `own` owns at this door */
  readonly estate: Estate;
  perform(operation: Operation, who: Who, subject: Subject): Promise<Outcome>;
}

/** What was shown of an event; null or undefined: it was not there. */
export function seen(event: unknown): Outcome {
  const { payload, key, headers } = (event ?? {}) as Json;
  if (!event) return 'not_found';
  const shown = [payload, key, headers].filter((value) => value !== null && value !== undefined);
  return shown.length === 3 ? 'whole' : shown.length === 0 ? 'bare' : 'in part';
}

/** The subject changed by a replacement: something that every state of an event could have. */
export function changedEvent({ event }: Subject): Json {
  const { id: _, ...rest } = event;
  return { ...rest, key: 'another key' };
}

/** Instances come from their series only: none is created, and none again. */
export function cannotBeCreated(operation: Operation, state: State): boolean {
  return ['repeat', 'batch'].includes(operation) && ['instance', 'exception'].includes(state);
}
