import { seriesOfInstance } from '../../series.ts';
import type { Property } from '../../verdict.ts';
import { messagesOf } from '../cases.ts';
import { Tally } from '../tally.ts';

const NAME = 'acknowledged-cancel';

export const acknowledgedCancel: Property = {
  name: NAME,
  promise:
    'what was cancelled with the answer ok stays CANCELED, unchanged, and is never on a topic',
  judge(history) {
    const tally = new Tally(NAME);
    // An instance without a row of its own is CANCELED with its series.
    const seriesRow = (id: string) => history.series.get(seriesOfInstance(id) ?? '')?.whole.row;
    for (const { id, operations, row, sightings } of messagesOf(history)) {
      const cancels = operations.filter((one) => one.kind === 'cancel' && one.outcome === 'ok');
      if (cancels.length === 0) continue;
      tally.check();
      const canceledBy = Math.min(...cancels.map(({ to }) => to));
      if (sightings.length > 0) {
        const [{ record }] = sightings as [(typeof sightings)[0]];
        tally.convict(
          id,
          `its cancel was answered ok, and it is on ${record.topic}/${record.partition} offset ${record.offset}`,
        );
      } else if ((row ?? seriesRow(id))?.status !== 'CANCELED') {
        tally.convict(
          id,
          `its cancel was answered ok, and it is ${row?.status ?? 'not in the database'}`,
        );
      }
      const later = operations.find(
        ({ kind, outcome, from }) => kind === 'replace' && outcome === 'ok' && from > canceledBy,
      );
      if (later)
        tally.convict(
          id,
          'it was changed with the answer ok after its cancel had been answered ok',
        );
    }
    return tally.finding();
  },
};
