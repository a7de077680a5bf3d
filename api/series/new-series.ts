import { Meter } from '../../recurrence/index.ts';
import { runAs, type Statement } from '../database.ts';
import { request } from '../events/statements.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from './context.ts';
import { checkRecurrence, type GivenRecurrence } from './given-recurrence.ts';
import { describePast, describeWarnings, type WarningText } from './warnings.ts';

/** More of them go out at once only for a caller who says so. */
const MOST_PAST_OCCURRENCES = 100;

/**
 * Steps (see `workLimits`) that the series of one call may take together: a second or so. Each by
 * itself has bounds of its own, but ten thousand of them would keep this process busy for minutes.
 */
const MOST_STEPS = 20_000_000;

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
  context: SeriesContext,
  caller: Caller,
  given: NewSeries,
): Promise<WarningText[]> {
  const check = await checkNewSeriesOf(context, caller, [given.id ?? null]);
  return check(given);
}

/**
 * Makes a check like `checkNewSeries` for several, without asking the database for each.
 * @param ids that are to be created
 */
export async function checkNewSeriesOf(
  { pool, timezones, errors }: SeriesContext,
  caller: Caller,
  ids: readonly (string | null)[],
): Promise<(given: NewSeries) => Promise<WarningText[]>> {
  const [present] = await runAs<{ now: number; known: string[] }>(pool, caller, readPresent, [
    ids.filter(Boolean),
  ]);
  const known = new Set(present?.known);
  const meter = new Meter();
  return async (given) => {
    if (meter.steps > MOST_STEPS) {
      const detail = 'The recurrences of one batch take too much work: send it in parts.';
      throw errors.refusal('invalid_recurrence', { field: 'recurrence', detail });
    }
    const { warnings } = await checkRecurrence(given, timezones, errors, present?.now, meter);
    const past = warnings.find((warning) => warning.code === 'past_occurrences');
    // A repeated creation is answered as the first one was, however much of it is past by now.
    const isKnown = known.has(given.id?.toLowerCase() ?? '');
    if (past && !isKnown && !given.missed && (past.count ?? Infinity) > MOST_PAST_OCCURRENCES) {
      const detail = `${describePast(past.count)} in the past: say what becomes of them.`;
      throw errors.refusal('many_past_occurrences', { field: 'missed', detail });
    }
    return describeWarnings(warnings, given.missed);
  };
}

/** $3 the ids that are to be created. */
const readPresent: Statement = {
  name: 'read_present',
  text: `${request('$3::text[] as ids')}
    select extract(epoch from now())::float8 as now, array(
      select v.id from unnest(r.ids) as given (id)
      join scheduler.events v on v.id = lower(given.id)
    ) as known
    from request r`,
};
