/** A number from 0 up to but not including the given one; the same sequence in every run. */
export type Random = (below: number) => number;

/** mulberry32: small, seeded, good enough to vary test data. */
export function random(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export function bytes(dice: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice(256)));
}
