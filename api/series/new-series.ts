import { runAs, type Statement } from '../database.ts';
import { request } from '../events/statements.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from './context.ts';
import { checkRecurrence, type GivenRecurrence } from './given-recurrence.ts';
import { describePast, describeWarnings, type WarningText } from './warnings.ts';

/** More of them go out at once only for a caller who says so. */
const MOST_PAST_OCCURRENCES = 100;

interface NewSeries extends GivenRecurrence {
  readonly id?: string | null | undefined;
  readonly missed?: string | null | undefined;
}

/**
 * Checks what is to become a series.
 * @returns what its creator should know
 * @throws ProblemError 400 `invalid_recurrence`, `many_past_occurrences` or another that names the field
 */
export async function checkNewSeries(
  { pool, timezones, errors }: SeriesContext,
  caller: Caller,
  given: NewSeries,
): Promise<WarningText[]> {
  const [present] = await runAs<{ now: number; isKnown: boolean }>(pool, caller, readPresent, [
    given.id ?? null,
  ]);
  const { warnings } = await checkRecurrence(given, timezones, errors, present?.now);
  const past = warnings.find((warning) => warning.code === 'past_occurrences');
  // A repeated creation is answered as the first one was, however much of it is past by now.
  if (
    past &&
    !present?.isKnown &&
    !given.missed &&
    (past.count ?? Infinity) > MOST_PAST_OCCURRENCES
  ) {
    const detail = `${describePast(past.count)} in the past: say what becomes of them.`;
    throw errors.refusal('many_past_occurrences', { field: 'missed', detail });
  }
  return describeWarnings(warnings, given.missed);
}

/** $3 the id that is to be created. */
const readPresent: Statement = {
  name: 'read_present',
  text: `${request('$3::text as id')}
    select extract(epoch from now())::float8 as now, e.id is not null as "isKnown"
    from request r left join lateral (
      select v.id from scheduler.events v where v.id = lower(r.id) offset 0) e on true`,
};
