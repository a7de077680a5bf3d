import type { Fault } from './fault.ts';
import { armedAt, BATCH_STEPS, RECOVERY_STEPS } from './steps.ts';

/** kill -9 of a relay at a step, or some milliseconds after it, which falls within the next one. */
export const kill: Fault = {
  where: 'relays',
  draw: (dice) => ({
    slot: dice.between(0, 2),
    step: dice.pick([...BATCH_STEPS, ...RECOVERY_STEPS]),
    skip: dice.between(0, 3),
    delay: dice.chance(40) ? dice.between(1, 6) : 0,
  }),
  inflict: async ({ relays }, { slot, step, skip, delay }) => {
    const arm = { step, skip: Number(skip), signal: 'SIGKILL', delay: Number(delay) } as const;
    const { relay, hit } = await armedAt(relays, Number(slot), arm);
    await relay.exited;
    return `relay ${slot} ${hit === null ? 'anywhere' : `${hit} + ${delay} ms`}`;
  },
};
