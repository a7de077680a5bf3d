import type { Dice } from '../dice.ts';
import type { EventVersion } from '../history.ts';

/** Where events go, by how often. */
export interface Destinations {
  /** take everything */
  readonly steady: readonly [string, ...string[]];
  /** refuses what is large */
  readonly narrow: string;
  readonly missing: string;
  /** deleted and created again meanwhile */
  readonly fleeting: string;
}

/** bytes: more than the narrow topic takes */
const LARGE = 6_000;

/** What a caller makes up: mostly due soon, some of it overdue, some of it not in this round. */
export function randomVersion(dice: Dice, to: Destinations, now: number): EventVersion {
  const topic = destination(dice, to);
  const large = topic === to.narrow && dice.chance(30);
  return {
    topic,
    key: dice.chance(60) ? `key-${dice.between(1, 24)}` : null,
    payload: bytes(dice, large ? LARGE : dice.between(0, 400)).toString('base64'),
    headers: dice.chance(30)
      ? { 'content-type': 'text/plain', tag: `t${dice.between(1, 99)}` }
      : {},
    instant: now + (dice.chance(3) ? 3_600_000 : dice.between(-500, 5_000)),
  };
}

function destination(dice: Dice, to: Destinations): string {
  const place = dice.between(0, 99);
  if (place < 3) return to.missing;
  if (place < 10) return to.narrow;
  if (place < 18) return to.fleeting;
  return dice.pick(to.steady);
}

/** Any bytes but those that Kafka's console consumer separates by: tab and line feed. */
function bytes(dice: Dice, count: number): Buffer {
  const made = Buffer.alloc(count);
  for (let i = 0; i < count; i++) {
    const byte = dice.between(0, 255);
    made[i] = byte === 0x09 || byte === 0x0a ? 0x20 : byte;
  }
  return made;
}
