import './production.ts';
import 'postgraphile';
import { context, lambda, type Step } from 'postgraphile/grafast';
import { extendSchema, gql } from 'postgraphile/utils';
import type { EventRow } from '../api/events/event-row.ts';
import { listEvents } from '../api/events/list-events.ts';
import { readListQuery, writeCursor } from '../api/events/list-query.ts';
import type { Caller } from '../api/identity/caller.ts';
import type { SeriesContext } from '../api/series/context.ts';
import { type PageArguments, readArguments } from './arguments.ts';
import type { Budget } from './budget.ts';
import {
  type EventsConnection,
  makeConnection,
  type OfSeries,
  planOfSeries,
} from './connection.ts';

interface ListArguments extends PageArguments {
  readonly recurrenceId?: string | null;
}

/** What is stored, page by page: GET /events of REST. */
export function eventListPlugin(series: SeriesContext): GraphileConfig.Plugin {
  const list = async ([caller, budget, args]: readonly [
    Caller,
    Budget,
    ListArguments,
  ]): Promise<EventsConnection> => {
    const { filter, after, limit } = readArguments(args, series.errors, readListQuery);
    const { events, next } = await listEvents(series, caller, filter, after, limit);
    budget.spend(events, series.errors);
    const cursorOf = ({ id }: EventRow) => writeCursor(id);
    return makeConnection(events, cursorOf, next && writeCursor(next), args.after == null);
  };
  const exceptions = async ([caller, budget, id, recurrence, args]: OfSeries<PageArguments>) =>
    recurrence === null ? null : list([caller, budget, { ...args, recurrenceId: id }]);

  return extendSchema(
    {
      typeDefs: gql`
        extend type Query {
          """
          Events, series and exceptions that the caller may see, in the order of their ids: who walks from page to page meets
          everything that was there when he began, once. There are no other orders and filters, for they have no index.
          """
          events(
            status: EventStatus
            destinationTopic: String
            """RFC 3339 date-time, inclusive, of scheduledInstant; without offset UTC."""
            from: String
            """RFC 3339 date-time, exclusive, of scheduledInstant; without offset UTC."""
            to: String
            """Exceptions of this series only."""
            recurrenceId: String
            """At most so many, 1 to 1,000."""
            first: Int = 100
            """Those after this cursor."""
            after: Cursor
          ): EventsConnection!
        }
        extend type Event {
          """
          Of a series: those of its instances that are stored, because they were changed, canceled or refused, in the order
          of their original starts. Null: it does not recur.
          """
          exceptions(
            """At most so many, 1 to 1,000."""
            first: Int = 100
            """Those after this cursor."""
            after: Cursor
          ): EventsConnection
        }
      `,
      objects: {
        Query: {
          plans: {
            events: (_$root: Step, args) =>
              lambda([context().get('caller'), context().get('budget'), args.getRaw()], list),
          },
        },
        Event: {
          plans: {
            exceptions: planOfSeries(exceptions),
          },
        },
      },
    },
    'SchedulerEventListPlugin',
  );
}
