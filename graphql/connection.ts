import './production.ts';
import 'postgraphile';
import { context, type FieldArgs, get, lambda, type Step } from 'postgraphile/grafast';
import { extendSchema, gql } from 'postgraphile/utils';
import type { EventRow } from '../api/events/event-row.ts';
import type { Caller } from '../api/identity/caller.ts';
import type { Budget } from './budget.ts';

/** A page of events, as the type EventsConnection shows it. */
export interface EventsConnection {
  readonly nodes: readonly EventRow[];
  readonly edges: readonly { readonly cursor: string; readonly node: EventRow }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/**
 * @param cursorOf an event, after which a page may begin
 * @param next where the next page begins, which may be later than after the last event; null: this is the last
 * @param isFirst whether the page begins where everything does
 */
export function makeConnection(
  nodes: readonly EventRow[],
  cursorOf: (event: EventRow) => string,
  next: string | null,
  isFirst: boolean,
): EventsConnection {
  const edges = nodes.map((node) => ({ cursor: cursorOf(node), node }));
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: next !== null,
      hasPreviousPage: !isFirst,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: next ?? edges.at(-1)?.cursor ?? null,
    },
  };
}

/** What a connection of an event is made of: caller, budget, the event's id, its recurrence if it is a series, arguments. */
export type OfSeries<Arguments> = readonly [Caller, Budget, string, string | null, Arguments];

/** The plan of a field of Event that is a connection. */
export const planOfSeries =
  <Arguments>(read: (given: OfSeries<Arguments>) => Promise<EventsConnection | null>) =>
  ($event: Step<EventRow>, args: FieldArgs) =>
    lambda(
      [
        context().get('caller'),
        context().get('budget'),
        get($event, 'id'),
        get($event, 'recurrence'),
        args.getRaw(),
      ],
      read,
    );

export const connectionPlugin = extendSchema(
  {
    typeDefs: gql`
      """
      A page of events. It may have fewer than were asked for, or none, and still not be the last: pageInfo says
      whether there are more.
      """
      type EventsConnection {
        nodes: [Event!]!
        edges: [EventsEdge!]!
        pageInfo: PageInfo!
      }
      type EventsEdge {
        """What to give as after, for the page that begins after this event."""
        cursor: Cursor!
        node: Event!
      }
    `,
  },
  'SchedulerConnectionPlugin',
);
