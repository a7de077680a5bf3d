import type { Pool } from 'pg';
import type { EventId } from '../../api/events/event-id.ts';
import type { Signal } from './signal.ts';
import { Watchers } from './watchers.ts';

interface Mark {
  readonly id: string;
  readonly mark: string;
}

/** Tells those who watch an event, a series or an instance that it may have changed. */
export class EventChanges {
  readonly #pool: Pool;
  readonly #signals = new Watchers<Signal>();
  #marks = new Map<string, string>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  add(id: EventId, signal: Signal): void {
    for (const name of namesOf(id)) this.#signals.add(name, signal);
  }

  remove(id: EventId, signal: Signal): void {
    for (const name of namesOf(id)) this.#signals.remove(name, signal);
  }

  /** One statement, however many watch. Who was added since the last look is told, for there is no mark to compare. */
  async look(): Promise<void> {
    const { names } = this.#signals;
    if (names.length === 0) {
      this.#marks = new Map();
      return;
    }
    const { rows } = await this.#pool.query<Mark>({
      name: 'change_marks',
      text: 'select id, mark from scheduler_private.change_marks($1)',
      values: [names],
    });
    const marks = new Map(rows.map(({ id, mark }) => [id, mark]));
    for (const name of this.#signals.names) {
      if (marks.get(name) !== this.#marks.get(name)) {
        for (const signal of this.#signals.of(name)) signal.raise();
      }
    }
    this.#marks = marks;
  }
}

/** An instance changes with its exception, if there is one, and with its series. */
function namesOf(id: EventId): string[] {
  return id.type === 'instance' ? [id.id, id.seriesId] : [id.id];
}
