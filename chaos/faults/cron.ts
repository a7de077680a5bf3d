import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** pg_cron runs nothing. */
export const cron: Fault = {
  where: 'around',
  draw: (dice) => ({ hold: dice.between(1_000, 3_000) }),
  inflict: async ({ postgres }, { hold }) => {
    await postgres.stopCron();
    await sleep(Number(hold));
    await postgres.startCron();
    return `for ${hold} ms`;
  },
};
