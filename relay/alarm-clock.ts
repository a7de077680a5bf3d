/** Lets a lane sleep until an instant, a hint or the end, whichever comes first. */
export class AlarmClock {
  #ring: (() => void) | null = null;
  #rang = false;

  /** Ends the present sleep, or the next one before it begins. */
  ring(): void {
    this.#rang = true;
    this.#ring?.();
  }

  /**
   * @param milliseconds at most this long
   * @returns whether it was rung
   */
  async sleep(milliseconds: number): Promise<boolean> {
    if (!this.#rang && milliseconds > 0) {
      await new Promise<void>((resolve) => {
        // Rounded up: to wake before the instant would cost a claim that finds nothing.
        const timer = setTimeout(resolve, Math.ceil(milliseconds));
        this.#ring = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#ring = null;
    }
    const rang = this.#rang;
    this.#rang = false;
    return rang;
  }
}
