import type { Property } from '../../verdict.ts';
import { Tally } from '../tally.ts';

const NAME = 'stays-up';

export const staysUp: Property = {
  name: NAME,
  promise: 'no program of the scheduler ends by itself, whatever happens around it',
  judge({ deaths }) {
    const tally = new Tally(NAME);
    tally.check();
    for (const { how } of deaths) tally.convict(null, `it should have gone on: ${how}`);
    return tally.finding();
  },
};
