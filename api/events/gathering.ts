import type { Caller } from '../identity/caller.ts';

/** of one caller: others go on while one waits for somebody's lock */
const MOST_IN_FLIGHT = 2;

/** What somebody waits for. */
export interface Asked<Given, Answer> {
  readonly given: Given;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue<Given, Answer> {
  readonly caller: Caller;
  readonly waiting: Asked<Given, Answer>[];
  inFlight: number;
}

/**
 * What one caller asks for while the same is being done for him already is done together, in one
 * statement, which costs a fraction; nobody waits for company. Callers are never mixed: a statement is
 * run as one of them, and sees what that one may see.
 */
export class Gathering<Given, Answer> {
  readonly #countOf: (waiting: readonly Asked<Given, Answer>[]) => number;
  readonly #answer: (caller: Caller, asked: readonly Asked<Given, Answer>[]) => Promise<void>;
  readonly #queues = new Map<string, Queue<Given, Answer>>();

  /**
   * @param countOf how many of those that wait, one at least, are answered together
   * @param answer resolves or rejects each of them; never rejects itself
   */
  constructor(
    countOf: (waiting: readonly Asked<Given, Answer>[]) => number,
    answer: (caller: Caller, asked: readonly Asked<Given, Answer>[]) => Promise<void>,
  ) {
    this.#countOf = countOf;
    this.#answer = answer;
  }

  ask(caller: Caller, given: Given): Promise<Answer> {
    const name = JSON.stringify([caller.identity, caller.role]);
    const queue = this.#queues.get(name) ?? { caller, waiting: [], inFlight: 0 };
    this.#queues.set(name, queue);
    return new Promise((resolve, reject) => {
      queue.waiting.push({ given, resolve, reject });
      this.#advance(name, queue);
    });
  }

  #advance(name: string, queue: Queue<Given, Answer>): void {
    while (queue.inFlight < MOST_IN_FLIGHT && queue.waiting.length > 0) {
      queue.inFlight += 1;
      const asked = queue.waiting.splice(0, this.#countOf(queue.waiting));
      this.#answer(queue.caller, asked).finally(() => {
        queue.inFlight -= 1;
        this.#advance(name, queue);
      });
    }
    if (queue.inFlight === 0) this.#queues.delete(name);
  }
}
