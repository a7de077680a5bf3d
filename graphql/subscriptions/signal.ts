/** Wakes the one who waits; what was raised before he waits wakes him at once, and once. */
export class Signal {
  #isRaised = false;
  #isEnded = false;
  #wake: (() => void) | null = null;

  raise(): void {
    this.#isRaised = true;
    this.#wake?.();
  }

  /** Whoever waits, or will, is told that it is over. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** @returns false when it is over */
  async wait(): Promise<boolean> {
    if (!this.#isRaised && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    this.#isRaised = false;
    return !this.#isEnded;
  }
}
