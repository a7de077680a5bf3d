import './production.ts';
import 'postgraphile';
import { lambda, type Step } from 'postgraphile/grafast';
import { extendSchema, gql } from 'postgraphile/utils';
import type { EventRow } from '../api/events/event-row.ts';
import type { SeriesContext } from '../api/series/context.ts';
import { readPage } from '../api/series/instance-page.ts';
import { readInstancesQuery } from '../api/series/instances-query.ts';
import { positionOf, writeCursor } from '../api/series/position.ts';
import { type PreviewRequest, previewRecurrence } from '../api/series/preview.ts';
import { readStoredSeries } from '../api/series/stored-series.ts';
import { type PageArguments, readArguments } from './arguments.ts';
import {
  type EventsConnection,
  makeConnection,
  type OfSeries,
  planOfSeries,
} from './connection.ts';

interface InstancesArguments extends PageArguments {
  readonly from?: string | null;
  readonly to?: string | null;
}

/** What is expanded: instances of series, and recurrences that are not stored. */
export function instancesPlugin(series: SeriesContext): GraphileConfig.Plugin {
  const { errors, timezones } = series;

  async function instances([
    caller,
    budget,
    id,
    recurrence,
    query,
  ]: OfSeries<InstancesArguments>): Promise<EventsConnection | null> {
    const stored = recurrence === null ? null : await readStoredSeries(series, caller, id);
    if (!stored || stored === 'one-off') {
      return null;
    }
    const { zone } = stored.occurrences.current;
    const wanted = readArguments(query, errors, (texts) => readInstancesQuery(texts, zone, errors));
    const page = await readPage(series, caller, stored, wanted);
    budget.spend(page.events, errors);
    const cursorOf = (event: EventRow) => writeCursor(positionOf(event));
    const next = page.next && writeCursor(page.next);
    return makeConnection(page.events, cursorOf, next, query.after == null);
  }

  const preview = ({ first, ...request }: PreviewRequest & { first?: number | null }) =>
    previewRecurrence({ ...request, limit: first }, timezones, errors, Date.now() / 1000, 'first');

  return extendSchema(
    {
      typeDefs: gql`
        extend type Event {
          """Of an instance: its zero-based place in the rule of its series. Null: counting would take too long."""
          occurrence: Int
          """
          Of a series: its instances in the order of their current times, past and future, exceptions among them. Null: it
          does not recur.
          """
          instances(
            """RFC 3339 date-time, inclusive; without offset in the time zone of the series."""
            from: String
            """RFC 3339 date-time, exclusive; without offset in the time zone of the series."""
            to: String
            """At most so many, 1 to 1,000."""
            first: Int = 100
            """Those after this cursor."""
            after: Cursor
          ): EventsConnection
        }
        """What a recurrence means."""
        type RecurrencePreview {
          """When it occurs, in order."""
          occurrences: [Datetime!]!
          """Whether there are no more than these."""
          complete: Boolean!
          """What to know of it."""
          warnings: [Warning!]!
        }
        extend type Query {
          """What a recurrence means; nothing is stored. The arguments are those of scheduleEvent."""
          previewRecurrence(
            scheduledAt: String!
            timezone: String
            recurrence: String!
            gap: String
            overlap: String
            """RFC 3339 date-time: occurrences from this on; without offset in timezone. Absent: from the first."""
            from: String
            """At most so many, 1 to 1,000."""
            first: Int = 100
          ): RecurrencePreview!
        }
      `,
      objects: {
        Event: {
          plans: {
            instances: planOfSeries(instances),
          },
        },
        Query: {
          plans: {
            previewRecurrence: (_$root: Step, args) => lambda(args.getRaw(), preview),
          },
        },
      },
    },
    'SchedulerInstancesPlugin',
  );
}
