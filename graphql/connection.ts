import './production.ts';
import 'postgraphile';
import { extendSchema, gql } from 'postgraphile/utils';
import type { EventRow } from '../api/events/event-row.ts';

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
