import { finishInSlices } from '../../recurrence/index.ts';
import type { LaneContext } from '../lane-context.ts';
import type { ExpandedSeries, MarkedSeries } from './marked-series.ts';
import { planExpansion } from './plan-expansion.ts';

/** series of one round: they go out in one statement */
const MOST_SERIES = 50;
/** ms after which a round ends, however few series it has expanded: something may have become due */
const LONGEST_ROUND = 25;
/** series of one look for those that an older time zone database expanded */
const MOST_OUTDATED = 200;
/** ms: what was expanded has changed meanwhile, look again after this */
const CHANGED_PAUSE = 50;
/** ms before a series is tried again that this program cannot expand */
const POSTPONED = 60_000;
/** of the time zone database that the zones of this program come from */
const TZ_VERSION = process.versions.tz ?? '';

interface Postponed {
  readonly version: string;
  /** as `performance.now()` counts */
  readonly until: number;
}

/** Expands the series of a lane that need occurrences, some at a time, while the lane has no open batch. */
export class Expansion {
  readonly #context: Pick<LaneContext, 'database' | 'zones' | 'log'>;
  readonly #postponed = new Map<string, Postponed>();
  /** whether no series comes from an older time zone database than this program's */
  #isUpToDate = false;

  constructor(context: Pick<LaneContext, 'database' | 'zones' | 'log'>) {
    this.#context = context;
  }

  /** Forgets what another relay may have changed. */
  restart(): void {
    this.#isUpToDate = false;
  }

  /**
   * Expands some.
   * @param marked whether there are any; null: a database that knows no series
   * @returns ms after which there is more to do; infinity: nobody knows of more
   * @throws FenceLostError, ConnectionGoneError, errors of Postgres
   */
  async advance(marked: boolean | null): Promise<number> {
    if (marked === null) return Number.POSITIVE_INFINITY;
    const expanded = marked ? await this.#expandSome() : [];
    if (expanded.length > 0) {
      const stored = await this.#context.database.storeOccurrences(expanded, TZ_VERSION);
      return stored > 0 ? 0 : CHANGED_PAUSE;
    }
    if (this.#isUpToDate) return Number.POSITIVE_INFINITY;
    const outdated = await this.#context.database.markOutdatedSeries(TZ_VERSION, MOST_OUTDATED);
    this.#isUpToDate = outdated === 0;
    return outdated > 0 ? 0 : Number.POSITIVE_INFINITY;
  }

  async #expandSome(): Promise<ExpandedSeries[]> {
    const { database } = this.#context;
    for (const [id, { until }] of this.#postponed) {
      if (performance.now() >= until) this.#postponed.delete(id);
    }
    // Those that are postponed stay marked, at the head.
    const marked = await database.seriesToExpand(MOST_SERIES + this.#postponed.size);
    const end = performance.now() + LONGEST_ROUND;
    const expanded: ExpandedSeries[] = [];
    for (const state of marked) {
      if (this.#postponed.get(state.id)?.version === state.version) continue;
      const result = await this.#expand(state);
      if (result) expanded.push(result);
      if (performance.now() > end) break;
    }
    return expanded;
  }

  /** @returns null when it stays marked */
  async #expand(state: MarkedSeries): Promise<ExpandedSeries | null> {
    const { zones, log } = this.#context;
    const { id: event, version } = state;
    try {
      const expanded = await finishInSlices(planExpansion(state, zones));
      if (expanded?.error) log.warn({ event, ...expanded.error }, 'series cannot be expanded');
      if (expanded) return expanded;
      log.warn({ event }, 'series names a time zone that this Node does not know: left to others');
    } catch (error) {
      log.error({ event, err: error }, 'series not expanded');
    }
    this.#postponed.set(event, { version, until: performance.now() + POSTPONED });
    return null;
  }
}
