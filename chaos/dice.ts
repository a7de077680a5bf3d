import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Random choices that a seed repeats. */
export interface Dice {
  /** a whole number, both ends possible */
  between(least: number, most: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  chance(percent: number): boolean;
  /** the same things in another order */
  shuffle<T>(things: readonly T[]): T[];
}

/** @param seed any text: equal texts throw equally */
export function diceOf(seed: string): Dice {
  const generator = xoroshiro128plus(createHash('sha256').update(seed).digest().readInt32BE());
  const between = (least: number, most: number) => uniformInt(generator, least, most);
  return {
    between,
    pick: (from) => from[between(0, from.length - 1)] as (typeof from)[number],
    chance: (percent) => between(0, 99) < percent,
    shuffle: (things) => {
      const left = [...things];
      return things.map(
        () => left.splice(between(0, left.length - 1), 1)[0] as (typeof things)[number],
      );
    },
  };
}
