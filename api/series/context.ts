import type { Queryable } from '../database.ts';
import type { ErrorCatalogue } from '../errors.ts';
import type { RuleCache } from './rule-cache.ts';
import type { Timezones } from './timezones.ts';

/** What everything that has to do with series needs. */
export interface SeriesContext {
  readonly pool: Queryable;
  readonly timezones: Timezones;
  readonly rules: RuleCache;
  readonly errors: ErrorCatalogue;
}
