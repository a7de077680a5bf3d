import {
  RevisedSeries,
  type Revision,
  type Watermark,
  type Zones,
} from '../../recurrence/index.ts';
import { runAs, type Statement } from '../database.ts';
import type { EventRow } from '../events/event-row.ts';
import { columns, request, seriesColumns } from '../events/statements.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from './context.ts';

/** What scheduler_private.series_state tells of a series. */
interface SeriesState {
  /** in order, the last is the present one */
  readonly revisions: readonly Revision[];
  readonly watermark: Watermark | null;
  /** whether its scheduledAt was given as an instant */
  readonly startsAsInstant: boolean;
  /** exact elapsed seconds of each instance (RFC 5545 3.8.5.3), null: it has no end */
  readonly length: number | null;
  /** whether its endsAt was given as an instant */
  readonly endsAsInstant: boolean;
}

/** The rules of a series, past and present, and its occurrences. */
export interface SeriesRules extends Pick<SeriesState, 'revisions'> {
  readonly occurrences: RevisedSeries;
  readonly zones: Zones;
}

/** A series as it is stored. */
export interface StoredSeries extends SeriesState, SeriesRules {
  readonly event: EventRow;
}

type SeriesRow = EventRow & { readonly state: SeriesState | null };
type RulesRow = Pick<EventRow, 'id' | 'createdAt'> & Pick<SeriesState, 'revisions'>;

/**
 * Reads a series as a caller may see it.
 * @returns null: there is no such event; `one-off`: it does not recur
 * @throws Error when this program does not know a time zone of it
 */
export async function readStoredSeries(
  context: SeriesContext,
  caller: Caller,
  id: string,
): Promise<StoredSeries | 'one-off' | null> {
  const [row] = await runAs<SeriesRow>(context.pool, caller, readSeries, [id]);
  if (!row) {
    return null;
  }
  const { state, ...event } = row;
  if (!state) {
    return 'one-off';
  }
  const { id: seriesId, createdAt } = event;
  const { revisions } = state;
  return { ...state, event, ...(await rulesOf(context, { id: seriesId, createdAt, revisions })) };
}

/** Most series whose rules are read at once: each may have some hundred kilobytes of them. */
const MOST_RULES = 50;

/**
 * Reads the rules of series, as far as a caller may see them.
 * @returns by the id of the series
 */
export async function readRules(
  context: SeriesContext,
  caller: Caller,
  ids: readonly string[],
): Promise<Map<string, SeriesRules>> {
  const found = new Map<string, SeriesRules>();
  for (let start = 0; start < ids.length; start += MOST_RULES) {
    const some = ids.slice(start, start + MOST_RULES);
    for (const row of await runAs<RulesRow>(context.pool, caller, readRulesOf, [some])) {
      found.set(row.id, await rulesOf(context, row));
    }
  }
  return found;
}

/** Of a series that was expanded already what is remembered: a revision never changes; an id may be used again after retention. */
function rulesOf(
  { timezones, rules }: SeriesContext,
  { id, createdAt, revisions }: RulesRow,
): Promise<SeriesRules> {
  const key = `${id} ${createdAt} ${revisions.length}`;
  const length = revisions.reduce((sum, { recurrence }) => sum + recurrence.length, 0);
  return timezones.use((zones) => {
    const occurrences = rules.get(key, length, () => new RevisedSeries(revisions, zones));
    return { revisions, occurrences, zones };
  });
}

/** $3 ids. */
const readRulesOf: Statement = {
  name: 'read_rules',
  text: `${request('$3::text[] as ids')}
    select e.id, e.created_at as "createdAt", s.revisions
    from request r cross join lateral unnest(r.ids) as i (id)
    cross join lateral (
      select v.id, v.created_at from scheduler.events v where v.id = i.id offset 0) e
    cross join lateral (
      select t.revisions from scheduler_private.series_state t where t.id = i.id offset 0) s`,
};

/** $3 the id. */
const readSeries: Statement = {
  name: 'read_series',
  text: `${request('$3::text as id')}
    select ${columns(seriesColumns)}, s.state
    from request r
    cross join lateral (select * from scheduler.events v where v.id = r.id offset 0) e
    left join lateral (
      select jsonb_build_object('revisions', t.revisions,
        'watermark', t.watermark, 'startsAsInstant', t.starts_as_instant, 'length', t.length,
        'endsAsInstant', not t.ends_as_local) as state
      from scheduler_private.series_state t where t.id = r.id offset 0) s on true`,
};
