import type { KafkaClient } from './client.ts';
import { BrokerRefusal, classify, KafkaError, toKafkaError } from './errors.ts';
import { createTopic } from './ledger.ts';
import type { BrokerLink } from './link.ts';
import { ledgerTopic } from './names.ts';

/** Why a topic cannot be published to. */
export interface Rejection {
  /** stable, snake_case */
  readonly code: string;
  readonly message: string;
}

export interface TopicCheckOptions {
  readonly client: KafkaClient;
  readonly deployment: string;
  readonly createMissing: boolean;
  /** ms, of any origin; default `performance.now` */
  readonly now?: () => number;
}

/** ms that an answer is believed */
const KEEP = { good: 30_000, bad: 1_000 };
/** Most answers that are kept, so that hostile topic names cost bounded memory. */
const MAX_KEPT = 10_000;

const UNKNOWN_TOPIC = 3;
/** Unknown, invalid name, not authorised: what is wrong with the topic rather than with a broker. */
const REJECTING = new Set([UNKNOWN_TOPIC, 17, 29]);

/**
 * Tells before publishing which topics are no use, so that one of them costs its own events an
 * attempt and not a whole batch its transaction. Whether we may *write* only a write tells.
 * One per relay; all lanes may ask at the same time.
 */
export class TopicCheck {
  readonly #options: TopicCheckOptions;
  readonly #now: () => number;
  readonly #kept = new Map<string, { readonly rejection: Rejection | null; until: number }>();
  #link: Promise<BrokerLink> | null = null;

  constructor(options: TopicCheckOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * @param topics names, repeats allowed
   * @returns for each topic why it is rejected, or null
   * @throws KafkaError `transient` when no broker answers: that is no rejection
   */
  async check(topics: Iterable<string>): Promise<Map<string, Rejection | null>> {
    const result = new Map<string, Rejection | null>();
    const ask = new Set<string>();
    for (const topic of topics) {
      const kept = this.#kept.get(topic);
      if (kept && kept.until > this.#now()) result.set(topic, kept.rejection);
      else ask.add(topic);
    }
    if (ask.size === 0) return result;
    for (const [topic, rejection] of await this.#ask([...ask])) result.set(topic, rejection);
    return result;
  }

  /** Forgets what is known of a topic, after a broker refused a record because of it. */
  forget(topic: string): void {
    this.#kept.delete(topic);
  }

  /** Cuts its connections; a later check opens new ones. */
  async close(): Promise<void> {
    const opening = this.#link;
    this.#link = null;
    if (opening) await opening.then((link) => link.destroy(), ignoreFailedOpening);
  }

  async #ask(topics: string[]): Promise<[string, Rejection | null][]> {
    const opening = this.#open();
    try {
      const link = await opening;
      const { topics: answers } = await link.metadata(topics);
      const found: [string, Rejection | null][] = [];
      for (const { topic, errorCode } of answers) {
        const rejection = await this.#judge(link, topic, errorCode);
        found.push([topic, rejection]);
        this.#keep(topic, rejection);
      }
      return found;
    } catch (error) {
      if (this.#link === opening) await this.close();
      throw awayIsTransient(error);
    }
  }

  async #judge(link: BrokerLink, topic: string, errorCode: number): Promise<Rejection | null> {
    // Anything else (no leader at the moment) will be over: publishing waits for it.
    if (!REJECTING.has(errorCode)) return null;
    if (errorCode === UNKNOWN_TOPIC && this.#options.createMissing)
      return this.#create(link, topic);
    return toRejection(new BrokerRefusal(errorCode, topic));
  }

  async #create(link: BrokerLink, topic: string): Promise<Rejection | null> {
    try {
      await createTopic(link, topic, -1);
      return null;
    } catch (error) {
      const { class: kind } = classify(error);
      if (kind === 'transient' || kind === 'producer-dead') throw error;
      return toRejection(error);
    }
  }

  #keep(topic: string, rejection: Rejection | null): void {
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const until = this.#now() + (rejection ? KEEP.bad : KEEP.good);
    this.#kept.set(topic, { rejection, until });
  }

  #open(): Promise<BrokerLink> {
    this.#link ??= this.#connect();
    return this.#link;
  }

  async #connect(): Promise<BrokerLink> {
    const link = this.#options.client.createLink();
    try {
      await link.connect(ledgerTopic(this.#options.deployment));
      return link;
    } catch (error) {
      link.destroy();
      throw error;
    }
  }
}

function toRejection(error: unknown): Rejection {
  const { code, message } = classify(error);
  return { code, message };
}

/** A question that got no answer is nobody's fault, whatever the error looks like. */
function awayIsTransient(error: unknown): Error {
  const known = toKafkaError(error);
  if (!(known instanceof KafkaError) || known.class !== 'producer-dead') return known;
  return new KafkaError({ ...known, class: 'transient', message: known.message }, error);
}

/** Whoever waited for the opening has got its error; nothing is left to close. */
function ignoreFailedOpening(): void {}
