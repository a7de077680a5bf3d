import type { Property } from '../../verdict.ts';
import { messagesOf } from '../cases.ts';
import { Tally } from '../tally.ts';
import { allWrites, misprints, nearest } from '../versions.ts';

const NAME = 'content';

/** See `promise`. Which of the versions it may be is for the properties of changes to say. */
export const content: Property = {
  name: NAME,
  promise:
    'topic, value, key and headers of a record are those of one version that was asked for, and of the one that the database shows',
  judge(history) {
    const tally = new Tally(NAME);
    const { ceSource } = history;
    for (const { id, operations, row, sightings } of messagesOf(history)) {
      for (const { record } of sightings) {
        tally.check();
        const asked = nearest(record, allWrites(operations), ceSource);
        if (asked && asked.misprints.length > 0) {
          tally.convict(
            id,
            `its record is of no version that was asked for: the nearest differs in ${asked.misprints.join(', ')}`,
          );
        } else if (row) {
          const differ = misprints(record, id, row, ceSource);
          if (differ.length > 0) {
            tally.convict(
              id,
              `its record and its row are of different versions: ${differ.join(', ')}`,
            );
          }
        }
      }
    }
    return tally.finding();
  },
};
