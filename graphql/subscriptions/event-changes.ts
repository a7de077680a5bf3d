import type { Pool } from 'pg';
import type { EventId } from '../../api/events/event-id.ts';
import type { Signal } from './signal.ts';

interface Mark {
  readonly id: string;
  readonly mark: string;
}

/** Tells those who watch an event, a series or an instance that it may have changed. */
export class EventChanges {
  readonly #pool: Pool;
  readonly #signals = new Map<string, Set<Signal>>();
  #marks = new Map<string, string>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  add(id: EventId, signal: Signal): void {
    for (const name of namesOf(id)) {
      const signals = this.#signals.get(name) ?? new Set();
      this.#signals.set(name, signals.add(signal));
    }
  }

  remove(id: EventId, signal: Signal): void {
    for (const name of namesOf(id)) {
      const signals = this.#signals.get(name);
      signals?.delete(signal);
      if (signals?.size === 0) {
        this.#signals.delete(name);
      }
    }
  }

  /** One statement, however many watch. Who was added since the last look is told, for there is no mark to compare. */
  async look(): Promise<void> {
    if (this.#signals.size === 0) {
      this.#marks = new Map();
      return;
    }
    const { rows } = await this.#pool.query<Mark>({
      name: 'change_marks',
      text: 'select id, mark from scheduler_private.change_marks($1)',
      values: [[...this.#signals.keys()]],
    });
    const marks = new Map(rows.map(({ id, mark }) => [id, mark]));
    for (const [name, signals] of this.#signals) {
      if (marks.get(name) !== this.#marks.get(name)) {
        for (const signal of signals) signal.raise();
      }
    }
    this.#marks = marks;
  }
}

/** An instance changes with its exception, if there is one, and with its series. */
function namesOf(id: EventId): string[] {
  return id.type === 'instance' ? [id.id, id.seriesId] : [id.id];
}
