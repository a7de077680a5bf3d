import { waitFor } from '../../local/wait.ts';
import { type Arm, type Relay, type RelayOptions, startRelay } from './relay.ts';

/** ms: requirement for every program of ours */
const STOP_LIMIT = 10_000;

/** A number of relays beside each other: whenever one ends, another takes its slot. */
export class Relays {
  /** those that ended unasked, or did not when asked: each is a bug */
  readonly deaths: { readonly at: number; readonly how: string }[] = [];
  readonly #options: RelayOptions;
  readonly #slots: Relay[];
  /** what the next one of a slot is armed with from its start */
  readonly #next = new Map<number, Arm>();
  /** slots stay empty until it resolves */
  #gate: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(count: number, options: RelayOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: count }, (_, slot) => this.#start(slot));
  }

  /** Who is in a slot now. */
  at(slot: number): Relay {
    return this.#slots[slot % this.#slots.length] as Relay;
  }

  /** Arms the next one of a slot from its start, for steps that come only then. */
  armNext(slot: number, arm: Arm): void {
    this.#next.set(slot % this.#slots.length, arm);
  }

  /** Kills the one in a slot, and returns when another is in it. */
  async replace(slot: number): Promise<void> {
    const old = this.at(slot);
    old.signal('SIGKILL');
    await waitFor(`another relay takes slot ${slot}`, 10_000, () => this.at(slot) !== old);
  }

  /** Kills all, works, and lets others start. */
  async whileDown<T>(work: () => Promise<T>): Promise<T> {
    const open = Promise.withResolvers<void>();
    this.#gate = open.promise;
    try {
      for (const relay of this.#slots) relay.signal('SIGKILL');
      await Promise.all(this.#slots.map((relay) => relay.exited));
      return await work();
    } finally {
      open.resolve();
    }
  }

  /** Lets them finish what is in flight, and end; one that does not is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#slots.map((relay, slot) => this.#end(relay, slot)));
  }

  async #end(relay: Relay, slot: number): Promise<void> {
    relay.signal('SIGCONT');
    relay.signal('SIGTERM');
    const tooLate = setTimeout(() => {
      this.deaths.push({ at: Date.now(), how: `relay ${slot}: not within ${STOP_LIMIT} ms` });
      relay.signal('SIGKILL');
    }, STOP_LIMIT);
    await relay.exited;
    clearTimeout(tooLate);
  }

  #start(slot: number): Relay {
    const relay = startRelay(slot, this.#options);
    const arm = this.#next.get(slot);
    this.#next.delete(slot);
    if (arm) relay.arm(arm);
    relay.exited.then(async (code) => {
      if (this.#stopping) return;
      if (code !== null) this.deaths.push({ at: Date.now(), how: `relay ${slot}: exit ${code}` });
      await this.#gate;
      if (!this.#stopping) this.#slots[slot] = this.#start(slot);
    });
    return relay;
  }
}
