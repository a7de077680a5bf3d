import { runAs, type Statement } from '../database.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from '../series/context.ts';
import { describeListed } from '../series/listed-exceptions.ts';
import type { EventRow } from './event-row.ts';
import type { EventStatus } from './event-status.ts';
import { columns, request, seriesColumns } from './statements.ts';

/** Which events to list; null: any. */
export interface EventFilter {
  readonly status: EventStatus | null;
  readonly destinationTopic: string | null;
  /** inclusive, of the scheduled instant; an RFC 3339 instant */
  readonly from: string | null;
  /** exclusive */
  readonly to: string | null;
  /** exceptions of this series */
  readonly recurrenceId: string | null;
}

export interface EventPage {
  readonly events: readonly EventRow[];
  /** id after which the next page begins; null: this is the last */
  readonly next: string | null;
}

/**
 * The events, series and exceptions that a caller may see, in order of their ids, which never change: who
 * walks from page to page meets everything that was there when he began, once. The work for a page is
 * bounded, so that it may have fewer than `limit`, or none, although more follow.
 * @param after id, exclusive; '': from the first
 * @param limit events at most
 */
export async function listEvents(
  context: SeriesContext,
  caller: Caller,
  filter: EventFilter,
  after: string,
  limit: number,
): Promise<EventPage> {
  const { status, destinationTopic, from, to, recurrenceId } = filter;
  const rows = await runAs<Found>(context.pool, caller, listStatement, [
    ...[after, limit, status, destinationTopic, from, to, recurrenceId],
  ]);
  const events = rows.flatMap(({ next: _, ...event }) => (event.id === null ? [] : [event]));
  return { events: await describeListed(context, caller, events), next: rows[0]?.next ?? null };
}

type Found = (EventRow | { readonly id: null }) & { readonly next: string | null };

/** $3 the id after which to begin, $4 the limit, from $5 on the filter. A row without an event says where to go on. */
const listStatement: Statement = {
  name: 'list_events',
  text: `${request(`$3::text as after, $4::integer as most, $5::scheduler.event_status as status,
      $6::text as topic, $7::timestamptz as starts, $8::timestamptz as ends, $9::text as series_id`)}
    select ${columns(seriesColumns)}, f.next
    from request r
    cross join lateral scheduler_private.find_events(
      r.after, r.most, r.status, r.topic, r.starts, r.ends, r.series_id) f
    left join lateral unnest(f.ids) with ordinality as i (id, n) on true
    left join lateral (select * from scheduler.events v where v.id = i.id offset 0) e on true
    order by i.n`,
};
