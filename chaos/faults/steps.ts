import type { LaneStep } from '../../relay/lane-context.ts';
import type { Arm, Relay } from '../relays/relay.ts';
import type { Relays } from '../relays/relays.ts';
import type { Details } from './fault.ts';

/** Come with every batch. */
export const BATCH_STEPS = [
  ...(['claiming', 'claimed', 'begun', 'part-sent', 'ledger-entry', 'sent'] as const),
  ...(['committing', 'committed', 'confirmed'] as const),
] as const satisfies LaneStep[];

/** Come when a lane is taken over, and after errors. */
export const RECOVERY_STEPS = ['init', 'barrier', 'ledger-read'] as const satisfies LaneStep[];

/** ms: a relay without a lane, or cut off from the others, does not come to its step */
const PATIENCE = { running: 2_500, starting: 6_000 };

/**
 * Has a relay get a signal at a step; when it does not come to that in time, wherever it is.
 * @returns who got it, and where: `at <step> <lane>`, or null
 */
export async function armedAt(
  relays: Relays,
  slot: number,
  arm: Omit<Arm, 'step' | 'within'> & { readonly step: Details[string] | undefined },
): Promise<{ relay: Relay; hit: string | null }> {
  const step = arm.step as LaneStep;
  const starting = RECOVERY_STEPS.some((one) => one === step);
  const within = starting ? PATIENCE.starting : PATIENCE.running;
  if (starting) {
    // Only one that begins is sure to come to these: its predecessor dies for it.
    relays.armNext(slot, { ...arm, step, within, skip: 0 });
    await relays.replace(slot);
  } else {
    relays.at(slot).arm({ ...arm, step, within });
  }
  const relay = relays.at(slot);
  const hit = await relay.untilHit(within);
  if (hit === null) relay.signal(arm.signal);
  return { relay, hit: hit === null ? null : `at ${hit}` };
}
