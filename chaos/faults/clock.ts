import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** The clock of a relay is an hour fast or slow for a while. */
export const clock: Fault = {
  where: 'relays',
  draw: (dice) => ({
    slot: dice.between(0, 2),
    shift: dice.pick([-3_600_000, 3_600_000]),
    hold: dice.between(1_000, 3_000),
  }),
  inflict: async ({ relays }, { slot, shift, hold }) => {
    const victim = relays.at(Number(slot));
    victim.setClock(Number(shift));
    await sleep(Number(hold));
    victim.setClock(0);
    return `relay ${slot} by ${shift} ms for ${hold} ms`;
  },
};
