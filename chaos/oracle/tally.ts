import type { Finding, Violation } from '../verdict.ts';

/** What a property has found so far. */
export class Tally {
  readonly #property: string;
  readonly #violations: Violation[] = [];
  #checked = 0;

  /** @param property its name */
  constructor(property: string) {
    this.#property = property;
  }

  /** One more case was looked at. */
  check(): void {
    this.#checked += 1;
  }

  /**
   * @param id event that it is about; null for a lane or the whole round
   * @param message what should be, what is
   */
  convict(id: string | null, message: string, otherId?: string): void {
    this.#violations.push({
      property: this.#property,
      id,
      message,
      ...(otherId !== undefined && { otherId }),
    });
  }

  finding(): Finding {
    return { checked: this.#checked, violations: this.#violations };
  }
}
