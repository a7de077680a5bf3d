import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerRefusal } from './errors.ts';
import type { BrokerLink } from './link.ts';

/** How long what we know of a topic is taken for true, ms: partitions may be added. */
const MAX_AGE = 300_000;
/** A topic that was created a moment ago may be unknown to some brokers yet. */
const PATIENCE = { tries: 4, pause: 50 };

/** Which broker leads each partition of the topics that one publisher writes to. */
export class Leaders {
  readonly #link: BrokerLink;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly leaders: number[]; readonly until: number }>();

  /** @param now ms, of any origin */
  constructor(link: BrokerLink, now: () => number) {
    this.#link = link;
    this.#now = now;
  }

  /**
   * Leaders of the partitions of topics, asking for those that are not known or not fresh.
   * @throws BrokerRefusal with the topic's name
   */
  async of(topics: Iterable<string>): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>();
    const missing: string[] = [];
    for (const topic of topics) {
      const known = this.#known.get(topic);
      if (known && known.until > this.#now()) found.set(topic, known.leaders);
      else missing.push(topic);
    }
    if (missing.length > 0) {
      for (const [topic, leaders] of await this.#ask(missing)) found.set(topic, leaders);
    }
    return found;
  }

  async #ask(topics: string[]): Promise<[string, number[]][]> {
    for (let attempt = 1; ; attempt++) {
      const answers = (await this.#link.metadata(topics)).topics;
      const bad = answers.find((answer) => answer.errorCode !== 0);
      if (!bad) {
        return answers.map(({ topic, leaders }) => {
          this.#known.set(topic, { leaders, until: this.#now() + MAX_AGE });
          return [topic, leaders];
        });
      }
      const mayPass = bad.errorCode === 3 || bad.errorCode === 5;
      if (!mayPass || attempt >= PATIENCE.tries) throw new BrokerRefusal(bad.errorCode, bad.topic);
      await sleep(PATIENCE.pause);
    }
  }
}
