import { setTimeout as sleep } from 'node:timers/promises';
import { MOMENTS, type Moment, STATEMENTS, type Statement } from '../services/postgres.ts';
import type { Fault } from './fault.ts';

/** Postgres crashes, and is started again. */
export const crash: Fault = {
  where: 'around',
  draw: (dice) => ({ hold: dice.between(0, 1_500) }),
  inflict: async ({ postgres }, { hold }) => {
    await postgres.stop('immediate');
    await sleep(Number(hold));
    await postgres.start();
    return `for ${hold} ms`;
  },
};

/** The connection of a relay, or of the API, is terminated in the middle of a statement. */
export const terminate: Fault = {
  where: 'around',
  draw: (dice) => ({ statement: dice.pick(STATEMENTS), moment: dice.pick(MOMENTS) }),
  inflict: async ({ postgres }, { statement, moment }) => {
    const hit = await postgres.terminate(statement as Statement, moment as Moment);
    return hit ?? `${statement} did not come by`;
  },
};
