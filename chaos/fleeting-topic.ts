import type { Delivery, TopicFacts } from './history.ts';
import { type LiveReader, readLive } from './readers/live.ts';
import { createTopic, deleteTopic } from './services/admin.ts';

const PARTITIONS = 2;

/** A topic that comes and goes, with its records; each time that it is there has a reader of its own. */
export class FleetingTopic {
  readonly topic: string;
  readonly #brokers: string[];
  readonly #absent: { from: number; to: number }[] = [];
  /** of the readers before this one */
  readonly #earlier: Delivery[] = [];
  #reader: LiveReader | null = null;

  /** @param brokers `host:port` each, directly */
  constructor(brokers: string[], topic: string) {
    this.#brokers = brokers;
    this.topic = topic;
  }

  async create(): Promise<void> {
    await createTopic(this.#brokers, { topic: this.topic, partitions: PARTITIONS });
    this.#reader = await readLive(this.#brokers, [this.topic]);
  }

  /** Deletes it, works, and creates it again. */
  async whileGone(work: () => Promise<void>): Promise<void> {
    // What is committed from now on may be gone before it is read.
    const from = Date.now();
    await this.drain();
    await this.close();
    await deleteTopic(this.#brokers, this.topic);
    await work();
    await this.create();
    this.#absent.push({ from, to: Date.now() });
  }

  /** What its readers got so far. */
  deliveries(): Delivery[] {
    return [...this.#earlier, ...(this.#reader?.deliveries() ?? [])];
  }

  facts(): TopicFacts {
    return { topic: this.topic, kind: 'fleeting', maxBytes: null, absent: this.#absent };
  }

  /** Waits until its reader has what is on it now. */
  async drain(): Promise<void> {
    await this.#reader?.drain();
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    if (!reader) return;
    await reader.close();
    this.#reader = null;
    this.#earlier.push(...reader.deliveries());
  }
}
