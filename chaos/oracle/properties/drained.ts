import type { Property } from '../../verdict.ts';
import { Tally } from '../tally.ts';

const NAME = 'drained';

export const drained: Property = {
  name: NAME,
  promise: 'in the end nothing due is left, no lane stands still and no batch is open',
  judge({ rows, lanes, dueBy }) {
    const tally = new Tally(NAME);
    for (const { id, status, instant, recurrence } of rows) {
      tally.check();
      // Until when a series lasts is for `series-status` to say.
      if (recurrence === null && status === 'SCHEDULED' && instant <= dueBy) {
        tally.convict(
          id,
          `it was due ${Math.round(dueBy - instant)} ms before the end, and is SCHEDULED`,
        );
      }
    }
    for (const { lane, quarantineReason, openBatch } of lanes) {
      tally.check();
      if (quarantineReason !== null)
        tally.convict(null, `lane ${lane} is quarantined: ${quarantineReason}`);
      else if (openBatch !== null) tally.convict(null, `lane ${lane} has batch ${openBatch} open`);
    }
    return tally.finding();
  },
};
