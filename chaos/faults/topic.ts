import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** The fleeting topic is deleted with all its records, and created again. */
export const topic: Fault = {
  where: 'around',
  draw: (dice) => ({ hold: dice.between(500, 2_500) }),
  inflict: async ({ audience: { fleeting } }, { hold }) => {
    await fleeting.whileGone(() => sleep(Number(hold)));
    return `${fleeting.topic} for ${hold} ms`;
  },
};
