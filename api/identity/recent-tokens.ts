import type { Caller } from './caller.ts';

/** Milliseconds for which a verified token is believed: long beside a request, short beside the life of a key. */
const KEPT_FOR = 10_000;
const MOST_TOKENS = 1_000;

/**
 * The callers of tokens that were verified a moment ago: to verify a signature costs about as much as to read
 * an event, and a client sends the same token again and again.
 */
export class RecentTokens {
  /** in the order in which they were verified */
  readonly #kept = new Map<string, { readonly caller: Caller; readonly until: number }>();

  /** Undefined: the token is to be verified. */
  get(token: string): Caller | undefined {
    const kept = this.#kept.get(token);
    return kept && Date.now() < kept.until ? kept.caller : undefined;
  }

  keep(token: string, caller: Caller): void {
    const end = caller.expiresAt?.getTime() ?? 0;
    this.#kept.delete(token);
    this.#kept.set(token, { caller, until: Math.min(end, Date.now() + KEPT_FOR) });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_TOKENS && oldest !== undefined) {
      this.#kept.delete(oldest);
    }
  }
}
