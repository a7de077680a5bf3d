/**
 * How often hints may cost a claim that finds nothing: a bucket of tokens. Anybody may NOTIFY, so a
 * flood of notifications must cost next to nothing, while an honest one is followed at once.
 */
export class HintLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: number;

  /**
   * @param burst tokens of a full bucket
   * @param perSecond tokens that flow back in a second
   * @param now ms, of any origin
   */
  constructor(burst: number, perSecond: number, now: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /**
   * Takes a token.
   * @param now ms, of the same origin
   * @returns ms to wait before the hint is followed
   */
  take(now: number): number {
    const flowed = ((now - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + flowed) - 1;
    this.#filledAt = now;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }
}
