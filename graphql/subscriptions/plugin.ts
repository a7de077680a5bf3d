import '../production.ts';
import 'postgraphile';
import {
  constant,
  context,
  type GrafastSubscriber,
  listen,
  object,
  type Step,
} from 'postgraphile/grafast';
import { extendSchema, gql } from 'postgraphile/utils';
import type { Caller } from '../../api/identity/caller.ts';
import type { Subscriptions } from './subscriptions.ts';

interface Subscription<Name extends string> {
  readonly caller: Caller;
  readonly name: Name;
  readonly of: string;
}

/** Subscriptions over websockets (graphql-transport-ws). */
export function subscriptionsPlugin(subscriptions: Subscriptions): GraphileConfig.Plugin {
  // Grafast's word for what has streams; ours are told apart by more than a name.
  const source = {
    subscribe: ({ caller, name, of }: Subscription<'event' | 'topic'>) =>
      subscriptions[name](caller, of),
  } as unknown as GrafastSubscriber<Record<string, never>>;
  const subscribe = (name: 'event' | 'topic', $of: Step<string>) => {
    const $subscription = object({
      caller: context().get('caller'),
      name: constant(name),
      of: $of,
    });
    return listen(constant(source, false), $subscription as unknown as Step<string>);
  };
  return extendSchema(
    {
      typeDefs: gql`
        """Changes of events of a topic."""
        type EventsUpdate {
          """As they are now, those that the subscriber may see."""
          events: [Event!]!
          """False: more changed than could be told, so that a list of the events has to be read again."""
          complete: Boolean!
        }
        extend type Subscription {
          """
          The event, series or instance with this id as it is, and again whenever it changed: it ends with the token of the
          subscriber, or when the event is no more. Of several changes in a short time only the last may be told.
          """
          eventUpdated(id: String!): Event
          """
          One-off events, series and exceptions of a topic that change, their publication included, some at a time. What
          a transaction changes that takes longer than two seconds is not told. Occurrences that are no exceptions are
          nothing that is stored: eventUpdated of their series tells of them.
          """
          eventsUpdated(topic: String!): EventsUpdate
        }
      `,
      objects: {
        Subscription: {
          plans: {
            eventUpdated: {
              subscribePlan: (_$root: Step, args) => subscribe('event', args.getRaw('id')),
              plan: ($event: Step) => $event,
            },
            eventsUpdated: {
              subscribePlan: (_$root: Step, args) => subscribe('topic', args.getRaw('topic')),
              plan: ($update: Step) => $update,
            },
          },
        },
      },
    },
    'SchedulerSubscriptionsPlugin',
  );
}
