import type { Who } from './scene.ts';
import { type State, states } from './states.ts';

/** What can be tried, by whichever doors have it; `repeat` and `batch` create again what is there. */
export type Operation =
  | 'schedule'
  | 'repeat'
  | 'batch'
  | 'read'
  | 'readStatus'
  | 'list'
  | 'instances'
  | 'replace'
  | 'cancel'
  | 'grant'
  | 'revoke';

/**
 * What comes of it: the code of an error, or `done`; of reading `whole` or, without payload, key and
 * headers, `bare`.
 */
export type Outcome = string;

const always = (outcome: Outcome) => () => outcome;

/** In the order of `states`. */
const inOrder =
  (...outcomes: readonly Outcome[]) =>
  (state: State) =>
    outcomes[states.indexOf(state)] as Outcome;

type Row = (state: State) => Outcome;
type Known = 'own' | 'other' | 'reader' | 'operator';

const changed = inOrder('done', 'in_flight', 'final', 'final', 'final', 'done', 'done', 'done');
const canceled = inOrder('done', 'in_flight', 'final', 'done', 'final', 'done', 'done', 'done');
const recurring = (state: State) => (state === 'series' ? 'done' : 'bad_request');

/** What comes of an operation for those who say truly who they are; through every door the same. */
const table: Record<Operation, Record<Known, Row>> = {
  schedule: {
    own: always('done'),
    other: always('done'),
    reader: always('forbidden'),
    operator: always('done'),
  },
  repeat: {
    own: always('done'),
    other: always('id_taken'),
    reader: always('forbidden'),
    operator: always('id_taken'),
  },
  batch: {
    own: always('done'),
    other: always('id_taken'),
    reader: always('forbidden'),
    operator: always('id_taken'),
  },
  read: {
    own: always('whole'),
    other: always('not_found'),
    reader: always('bare'),
    operator: always('whole'),
  },
  readStatus: {
    own: always('done'),
    other: always('not_found'),
    reader: always('done'),
    operator: always('done'),
  },
  list: {
    own: always('whole'),
    other: always('not_found'),
    reader: always('bare'),
    operator: always('whole'),
  },
  instances: {
    own: recurring,
    other: always('not_found'),
    reader: recurring,
    operator: recurring,
  },
  replace: {
    own: changed,
    other: always('not_found'),
    reader: always('forbidden'),
    operator: changed,
  },
  cancel: {
    own: canceled,
    other: always('not_found'),
    reader: always('forbidden'),
    operator: canceled,
  },
  grant: {
    own: always('forbidden'),
    other: always('forbidden'),
    reader: always('forbidden'),
    operator: always('done'),
  },
  revoke: {
    own: always('forbidden'),
    other: always('forbidden'),
    reader: always('forbidden'),
    operator: always('done'),
  },
};

export function expected(operation: Operation, who: Who, state: State): Outcome {
  if (who === 'none') return 'not_identified';
  if (who === 'forged' || who === 'expired' || who === 'audience') return 'invalid_token';
  return table[operation][who](state);
}

/** Whether it changes the event that it is tried on. */
export function changes(operation: Operation, who: Who, state: State): boolean {
  return (
    (operation === 'replace' || operation === 'cancel') &&
    state !== 'CANCELED' &&
    expected(operation, who, state) === 'done'
  );
}
