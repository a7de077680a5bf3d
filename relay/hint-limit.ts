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
   * Takes a token, unless the lane looks by itself so soon that following the hint gains next to nothing:
   * beside many creations each would cost a claim, for which what is due then would wait.
   * @param now ms, of the same origin
   * @param left ms until the lane looks by itself
   * @returns ms to wait before the hint is followed, at most `left`
   */
  take(now: number, left: number): number {
    if (left <= 1_000 / this.#perSecond) return left;
    const flowed = ((now - this.#filledAt) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + flowed) - 1;
    this.#filledAt = now;
    return this.#tokens >= 0 ? 0 : Math.min(left, (-this.#tokens / this.#perSecond) * 1_000);
  }
}
