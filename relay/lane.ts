import { AlarmClock } from './alarm-clock.ts';
import { toRecord } from './cloud-event.ts';
import { Expansion } from './expansion/expansion.ts';
import { HintLimit } from './hint-limit.ts';
import { describeTrouble, isConfiguration, KafkaError, LaneLostError } from './kafka/errors.ts';
import type { Batch, LaneContext, LaneStep } from './lane-context.ts';
import type { Claim } from './lane-database.ts';
import { BatchOpenError, FenceLostError, LaneQuarantinedError } from './lane-errors.ts';
import { type Recovered, recover } from './recovery.ts';
import { refusalOf, rejectFrom } from './rejection.ts';

/** ms: when everything due is locked by somebody, look again after this */
const LOCKED_PAUSE = 50;
/** ms: first and longest pause after something that is away */
const AWAY_PAUSE = { first: 50, longest: 2_000 };
/** ms: pause when only a person can help */
const HELPLESS_PAUSE = 5_000;
/** ms: committed offsets expire (offsets.retention.minutes, 7 days by default) */
const LEDGER_REFRESH = 12 * 3_600_000;

/**
 * One lane that this relay owns: claim, publish, confirm, over and over. It holds no truth: after
 * any error it throws its producer away and starts again from the fence.
 */
export class Lane {
  readonly #context: LaneContext;
  readonly #alarm = new AlarmClock();
  readonly #hints: HintLimit;
  readonly #expansion: Expansion;
  #ready: Recovered | null = null;
  #rejected: Batch | null = null;
  #ledgerWrittenAt = 0;
  #failures = 0;
  /** what was said last of a trouble that only a person can end */
  #complained: string | null = null;
  /** events of the next batch: small after a refusal, so that the rest is not refused again */
  #limit: number;
  #stopping = false;

  constructor(context: LaneContext) {
    this.#context = context;
    this.#expansion = new Expansion(context);
    this.#limit = context.batchEvents;
    this.#hints = new HintLimit(50, 50, performance.now());
  }

  /** There may be something to do. */
  wake(): void {
    this.#alarm.ring();
  }

  /** Ends the lane after what it is doing. */
  stop(): void {
    this.#stopping = true;
    this.#alarm.ring();
  }

  /** Works until it is stopped, aborted, or another relay takes the lane over. Never throws. */
  async run(): Promise<'stopped' | 'lost'> {
    const { aborted, log } = this.#context;
    try {
      while (!this.#stopping && !aborted.aborted) {
        try {
          await this.#round();
          this.#failures = 0;
          this.#complained = null;
          this.#context.onTrouble(null);
        } catch (error) {
          await this.#dropPublisher();
          if (error instanceof FenceLostError || error instanceof LaneLostError) {
            log.info('the lane has another owner');
            return 'lost';
          }
          await this.#pauseAfter(error);
        }
      }
      return 'stopped';
    } finally {
      await this.#dropPublisher();
      await this.#context.database.close().catch((error: unknown) => log.debug({ error }, 'close'));
    }
  }

  async #round(): Promise<void> {
    if (!this.#ready) {
      const rejected = this.#rejected;
      this.#rejected = null;
      this.#ready = await recover(this.#context, rejected);
      this.#expansion.restart();
      this.#ledgerWrittenAt = performance.now();
      if (this.#ready.narrowed) {
        this.#limit = this.#ready.narrowed.events.length;
        await this.#publish(this.#ready, this.#ready.narrowed, null);
        return;
      }
    }
    const ready = this.#ready;
    await this.#step('claiming');
    const claim = await this.#context.database.claim(this.#limit);
    if (!claim.batch) {
      const more = await this.#expansion.advance(claim.expansions);
      if (more > 0) await this.#rest(ready, claim, more);
      return;
    }
    await this.#step('claimed');
    if (claim.batch.mode !== ready.mode) {
      // The mode was changed: recovery discards this batch and opens the other kind of publisher.
      await this.#dropPublisher();
      return;
    }
    const { id, events } = claim.batch;
    const isPublished = await this.#publish(ready, { id, events, refusal: null }, claim.dueIn);
    if (isPublished) await this.#expansion.advance(claim.expansions);
  }

  /** @returns false when nothing is left of the batch */
  async #publish(ready: Recovered, claimed: Batch, dueIn: number | null): Promise<boolean> {
    const { database, log } = this.#context;
    const answeredAt = performance.now();
    const batch = await this.#rejectBadTopics(claimed);
    if (!batch) return false;
    const records = batch.events.map((event) => toRecord(event));
    // Claimed ahead of its instant: filled now, committed then.
    const ahead = Math.max(0, dueIn ?? 0) * 1000;
    const beforeCommit = ahead > 0 ? () => waitUntil(answeredAt + ahead) : undefined;
    // Otherwise it is when they are sent.
    const timestamp = ahead > 0 ? Math.ceil(database.clock(answeredAt + ahead)) : undefined;
    try {
      await ready.publisher.publish(batch.id, records, beforeCommit, timestamp);
    } catch (error) {
      if (error instanceof KafkaError && error.class === 'event') {
        if (error.topic !== undefined) this.#context.topics.forget(error.topic);
        this.#rejected = { ...batch, refusal: refusalOf(error, batch) };
      }
      throw error;
    }
    this.#ready = { ...ready, ledgerEntry: batch.id, narrowed: null };
    this.#ledgerWrittenAt = performance.now();
    if (!(await database.confirm(batch.id))) throw new BatchOpenError(this.#context.lane);
    await this.#step('confirmed');
    this.#limit = Math.min(this.#limit * 2, this.#context.batchEvents);
    log.debug({ batch: batch.id, events: records.length }, 'published');
    return true;
  }

  /** Nothing of the batch has been sent by anybody: only who claimed it could have. */
  async #rejectBadTopics(batch: Batch): Promise<Batch | null> {
    const verdicts = await this.#context.topics.check(batch.events.map((event) => event.topic));
    const bad = batch.events.flatMap(({ id, topic }) => {
      const verdict = verdicts.get(topic);
      return verdict ? [{ id, ...verdict }] : [];
    });
    return bad.length === 0 ? batch : rejectFrom(this.#context, batch, bad, 'attempt rejected');
  }

  /** @param longest ms after which there is more to do, as far as is known */
  async #rest(ready: Recovered, { dueIn }: Claim, longest: number): Promise<void> {
    const now = performance.now();
    if (ready.ledgerEntry !== null && now - this.#ledgerWrittenAt > LEDGER_REFRESH) {
      await ready.publisher.seed(ready.ledgerEntry);
      this.#ledgerWrittenAt = now;
    }
    const due = dueIn === null ? Number.POSITIVE_INFINITY : dueIn * 1000;
    const wait = Math.min(this.#context.poll * 1000, due, longest);
    await this.#sleep(wait > 0 ? wait : LOCKED_PAUSE);
  }

  async #pauseAfter(error: unknown): Promise<void> {
    const { log } = this.#context;
    this.#failures += 1;
    const pause = Math.min(AWAY_PAUSE.longest, AWAY_PAUSE.first * 2 ** (this.#failures - 1));
    if (error instanceof LaneQuarantinedError) {
      await this.#restHelpless(error.message, 'lane stands still');
    } else if (isConfiguration(error)) {
      const trouble = describeTrouble(error);
      this.#context.onTrouble(trouble);
      await this.#restHelpless(trouble, 'Kafka refuses this deployment');
    } else if (this.#rejected || error instanceof BatchOpenError) {
      log.warn({ reason: String(error) }, 'starting again from the fence');
    } else {
      log.warn({ reason: String(error), pause }, 'starting again from the fence');
      await sleepUnlessAborted(pause, this.#context.aborted);
    }
  }

  /** Only a person can help: says so once, and looks again now and then. */
  async #restHelpless(reason: string, message: string): Promise<void> {
    const { log } = this.#context;
    log[reason === this.#complained ? 'debug' : 'error']({ reason }, message);
    this.#complained = reason;
    await this.#sleep(HELPLESS_PAUSE);
  }

  /** Sleeps until an instant or a hint; hints that come too often are followed late. */
  async #sleep(milliseconds: number): Promise<void> {
    const rung = await this.#alarm.sleep(milliseconds);
    if (!rung || this.#stopping) return;
    const pause = this.#hints.take(performance.now());
    if (pause > 0) await sleepUnlessAborted(pause, this.#context.aborted);
  }

  async #dropPublisher(): Promise<void> {
    const ready = this.#ready;
    this.#ready = null;
    await ready?.publisher.close();
  }

  #step(step: LaneStep): void | Promise<void> {
    return this.#context.onStep?.(step);
  }
}

/** Timers may fire up to a millisecond early; nothing may be visible before its instant. */
async function waitUntil(instant: number): Promise<void> {
  for (let left = instant - performance.now(); left > 0; left = instant - performance.now()) {
    await new Promise((resolve) => setTimeout(resolve, Math.ceil(left)));
  }
}

async function sleepUnlessAborted(milliseconds: number, aborted: AbortSignal): Promise<void> {
  if (aborted.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      aborted.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    aborted.addEventListener('abort', done);
  });
}
