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

/** A series as it is stored, and its occurrences. */
export interface StoredSeries extends SeriesState {
  readonly event: EventRow;
  readonly occurrences: RevisedSeries;
  readonly zones: Zones;
}

type SeriesRow = EventRow & { readonly state: SeriesState | null };

/**
 * Reads a series as a caller may see it.
 * @returns null: there is no such event; `one-off`: it does not recur
 * @throws Error when this program does not know a time zone of it
 */
export async function readStoredSeries(
  { pool, timezones, rules }: SeriesContext,
  caller: Caller,
  id: string,
): Promise<StoredSeries | 'one-off' | null> {
  const [row] = await runAs<SeriesRow>(pool, caller, readSeries, [id]);
  if (!row) {
    return null;
  }
  const { state, ...event } = row;
  if (!state) {
    return 'one-off';
  }
  return timezones.use((zones) => {
    const occurrences = rules.get(keyOf(event, state), lengthOf(state), () => {
      return new RevisedSeries(state.revisions, zones);
    });
    return { ...state, event, occurrences, zones };
  });
}

/** A revision never changes; an id may be used again after retention. */
function keyOf({ id, createdAt }: EventRow, { revisions }: SeriesState): string {
  return `${id} ${createdAt} ${revisions.length}`;
}

function lengthOf({ revisions }: SeriesState): number {
  return revisions.reduce((sum, { recurrence }) => sum + recurrence.length, 0);
}

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
