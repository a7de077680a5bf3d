import type { AuditEntry, AuditedState, FinalRow } from '../../history.ts';
import type { Property } from '../../verdict.ts';
import { instancesOf } from '../cases.ts';
import { Tally } from '../tally.ts';

const NAME = 'final-is-final';

export const finalIsFinal: Property = {
  name: NAME,
  promise:
    'an event begins as SCHEDULED, never leaves PUBLISHED, CANCELED or FAILED, is not deleted (but an exception whose start the rule has no more), and its attempts are counted one by one',
  judge(history) {
    const tally = new Tally(NAME);
    const series = [...history.series.values()].map(({ whole }) => whole);
    const instances = instancesOf(history.series);
    const droppable = new Set(instances.filter(({ mayBeDropped }) => mayBeDropped).map(nameOf));
    for (const { id, audit, row } of [...history.cases.values(), ...series, ...instances]) {
      let state: AuditedState | null = null;
      for (const entry of audit) {
        tally.check();
        const wrong = fault(state, entry, droppable.has(id));
        if (wrong) tally.convict(id, wrong);
        state = entry.after;
      }
      if (!agree(state, row)) {
        tally.convict(
          id,
          `the last that was seen of it is ${say(state)}, at the end it is ${say(row)}`,
        );
      }
    }
    return tally.finding();
  },
};

function nameOf({ id }: { readonly id: string }): string {
  return id;
}

function fault(
  state: AuditedState | null,
  { before, after }: AuditEntry,
  mayBeDropped: boolean,
): string | null {
  if (!agree(state, before)) return `it was ${say(state)}, and then changed from ${say(before)}`;
  if (before === null) {
    const fresh = after?.status === 'SCHEDULED' && after.retry === 0;
    return fresh ? null : `it began as ${say(after)}`;
  }
  if (after === null) {
    const dropped = mayBeDropped && before.status === 'SCHEDULED';
    return dropped ? null : `it was deleted when it was ${say(before)}`;
  }
  if (before.status !== 'SCHEDULED')
    return `it was ${say(before)}, which is final, and became ${say(after)}`;
  const more = after.retry - before.retry;
  const rejected = more === 1 && (after.status === 'SCHEDULED' || after.status === 'FAILED');
  return more === 0 || rejected ? null : `it was ${say(before)} and became ${say(after)}`;
}

function agree(one: AuditedState | null, other: AuditedState | FinalRow | null): boolean {
  return one?.status === other?.status && one?.retry === other?.retry;
}

function say(state: AuditedState | FinalRow | null): string {
  return state ? `${state.status} with retry ${state.retry}` : 'not there';
}
