import type { Socket } from 'node:net';

export type Direction = 'to-server' | 'to-client';

/** How a proxy disturbs its connections now. */
export interface Rules {
  /** new connections are reset */
  refuses: boolean;
  /** ms */
  delay: Record<Direction, number>;
  readonly swallowed: Set<Direction>;
}

/** Bytes under way in one pipe above which nothing is taken from the sender. */
const MOST_BYTES = 1_000_000;

/** Something on its way; null: the sender has closed its side. */
interface Parcel {
  readonly chunk: Buffer | null;
  /** as `performance.now()` counts */
  due: number;
}

/** One direction of a connection. */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #direction: Direction;
  readonly #rules: Rules;
  #underway: Parcel[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #hasLost = false;
  #hasEnded = false;

  constructor(from: Socket, to: Socket, direction: Direction, rules: Rules) {
    this.#from = from;
    this.#to = to;
    this.#direction = direction;
    this.#rules = rules;
    from.on('data', (chunk) => this.#take(chunk));
    from.on('end', () => this.#take(null));
    to.on('drain', () => this.#deliver());
  }

  /** Whether the receiver has not got something that was sent. */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  /** Whether the sender has closed its side in order. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Loses what has just come from the sender, if its direction is swallowed; and everything that comes
   * after a loss.
   * @returns whether it is lost
   */
  lose(): boolean {
    this.#hasLost ||= this.#rules.swallowed.has(this.#direction);
    return this.#hasLost;
  }

  /** Delivers what is delayed. */
  hurry(): void {
    for (const parcel of this.#underway) parcel.due = 0;
    this.#deliver();
  }

  /** Forgets what is under way. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#underway = [];
    this.#bytes = 0;
  }

  #take(chunk: Buffer | null): void {
    if (chunk === null) this.#hasEnded = true;
    if (this.lose()) return;
    // Never before what was sent earlier, when the delay is shortened.
    const earliest = this.#underway.at(-1)?.due ?? 0;
    const due = Math.max(earliest, performance.now() + this.#rules.delay[this.#direction]);
    this.#underway.push({ chunk, due });
    this.#bytes += chunk?.length ?? 0;
    if (this.#bytes > MOST_BYTES) this.#from.pause();
    this.#deliver();
  }

  /** Passes on what is due, as far as the receiver takes it. */
  #deliver(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (let next = this.#underway[0]; next; next = this.#underway[0]) {
      if (this.#to.destroyed) this.close();
      if (this.#to.destroyed || this.#to.writableNeedDrain) break; // `drain` calls again
      const early = next.due - performance.now();
      if (early > 0) {
        this.#timer = setTimeout(() => this.#deliver(), early);
        break;
      }
      this.#underway.shift();
      this.#bytes -= next.chunk?.length ?? 0;
      if (next.chunk === null) this.#to.end();
      else this.#to.write(next.chunk);
    }
    if (this.#bytes <= MOST_BYTES && this.#from.isPaused()) this.#from.resume();
  }
}
