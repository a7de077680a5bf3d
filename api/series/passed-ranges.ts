import type { Instant } from '../../recurrence/index.ts';
import { runAs, type Statement } from '../database.ts';
import { request } from '../events/statements.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from './context.ts';

/** A stretch of a series whose occurrences were not published. */
export interface PassedRange {
  /** exclusive; null: from the first on */
  readonly after: Instant | null;
  /** inclusive */
  readonly until: Instant;
  /** lastError of its instances */
  readonly reason: string;
}

/** The stretches that have an instant of `from` to `to`, both inclusive. */
export function readPassedRanges(
  { pool }: SeriesContext,
  caller: Caller,
  seriesId: string,
  from: Instant,
  to: Instant,
): Promise<PassedRange[]> {
  return runAs<PassedRange>(pool, caller, passedRanges, [seriesId, from, to]);
}

const passedRanges: Statement = {
  name: 'passed_ranges',
  text: `${request('$3::text as series_id, to_timestamp($4::float8) as starts, to_timestamp($5::float8) as ends')}
    select nullif(extract(epoch from p.after_instant), '-infinity')::float8 as after,
      extract(epoch from p.until_instant)::float8 as until, p.reason
    from request r cross join lateral (
      select * from scheduler_private.passed_ranges q
      where q.series_id = r.series_id and q.until_instant >= r.starts and q.after_instant < r.ends
      order by q.until_instant offset 0) p`,
};
