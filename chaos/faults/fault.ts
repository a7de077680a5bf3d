import type { Dice } from '../dice.ts';
import type { Site } from '../site.ts';

/** What chance decided about one fault; part of the plan. */
export type Details = Readonly<Record<string, string | number>>;

/** A kind of fault. */
export interface Fault {
  /** whether it is done to relays or to what they work with: one of each goes on at a time */
  readonly where: 'relays' | 'around';
  draw(dice: Dice): Details;
  /**
   * Does it, and undoes it.
   * @returns in words, what was hit
   * @throws Missed when the scheduler does not do what it has to
   */
  inflict(site: Site, details: Details): Promise<string>;
}

/** What should have followed a fault, and did not. */
export class Missed extends Error {}
