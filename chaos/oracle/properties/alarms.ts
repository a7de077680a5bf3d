import type { Property } from '../../verdict.ts';
import { Tally } from '../tally.ts';

const NAME = 'alarms';

export const alarms: Property = {
  name: NAME,
  promise: 'a lane whose ledger is gone stands still until an operator decides',
  judge({ incidents }) {
    const tally = new Tally(NAME);
    for (const { kind, missed } of incidents) {
      if (kind !== 'ledger-delete') continue;
      tally.check();
      if (missed !== null) tally.convict(null, missed);
    }
    return tally.finding();
  },
};
