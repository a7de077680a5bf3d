import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { armedAt, RECOVERY_STEPS } from './steps.ts';

/** SIGSTOP of a relay at a step until its lease is over, then SIGCONT: a zombie wakes in mid-work. */
export const stop: Fault = {
  where: 'relays',
  draw: (dice) => ({
    slot: dice.between(0, 2),
    step: dice.pick([
      ...(['claimed', 'begun', 'ledger-entry', 'sent', 'committing', 'committed'] as const),
      ...RECOVERY_STEPS,
    ]),
    hold: dice.between(1_500, 4_000),
  }),
  inflict: async ({ relays }, { slot, step, hold }) => {
    const arm = { step, skip: 0, signal: 'SIGSTOP', delay: 0 } as const;
    const { relay, hit } = await armedAt(relays, Number(slot), arm);
    await sleep(Number(hold));
    relay.signal('SIGCONT');
    return `relay ${slot} ${hit ?? 'anywhere'} for ${hold} ms`;
  },
};
