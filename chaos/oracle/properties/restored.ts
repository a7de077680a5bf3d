import type { Property } from '../../verdict.ts';
import { idOf, placeOf } from '../cases.ts';
import { Tally } from '../tally.ts';

const NAME = 'restored';

/** See `promise`. What a lane publishes that stands still, it would publish a second time. */
export const restored: Property = {
  name: NAME,
  promise:
    'in a database that was set back to an older copy, every lane that had published since stands still, and nothing is published again',
  judge({ restoration, log }) {
    const tally = new Tally(NAME);
    if (restoration === null) return tally.finding();
    for (const { lane, movedOn, quarantined } of restoration.lanes) {
      tally.check();
      if (movedOn && !quarantined) {
        tally.convict(null, `lane ${lane} had published since the copy was taken, and works on`);
      }
    }
    const before = new Set(log.map(placeOf));
    const known = new Set(log.map(idOf));
    for (const record of restoration.log) {
      tally.check();
      if (known.has(idOf(record)) && !before.has(placeOf(record))) {
        const { topic, partition, offset } = record;
        tally.convict(
          idOf(record),
          `it was published again after the database had been set back: ${topic}/${partition} offset ${offset}`,
        );
      }
    }
    return tally.finding();
  },
};
