import type { Dice } from '../dice.ts';
import type { EventVersion, Rule } from '../history.ts';

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

/** A short series about now; not to a topic that goes away, where nobody could count its occurrences. */
export function randomSeries(dice: Dice, to: Destinations, now: number): EventVersion {
  const event = randomVersion(dice, to, now);
  const instant = (Math.floor(now / 1000) + dice.between(-1, 3)) * 1000;
  const interval = dice.chance(80) ? 1 : 2;
  const count = dice.between(4, 6);
  const left = instant + dice.between(0, count - 1) * interval * 1000;
  return {
    ...event,
    topic: event.topic === to.fleeting ? dice.pick(to.steady) : event.topic,
    instant,
    rule: { interval, count, excluded: dice.chance(40) ? [left] : [] },
  };
}

/** Another content for a series, fewer occurrences, or both. */
export function revisedSeries(
  dice: Dice,
  to: Destinations,
  { rule, ...series }: EventVersion & { readonly rule: Rule },
): EventVersion {
  const { topic, key, payload, headers } = randomSeries(dice, to, series.instant);
  const count = dice.chance(60) ? dice.between(rule.excluded.length + 1, rule.count) : rule.count;
  const content = dice.chance(60) ? { topic, key, payload, headers } : {};
  return { ...series, ...content, rule: { ...rule, count } };
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
