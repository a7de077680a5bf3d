import './production.ts';
import 'postgraphile';
import { get, type Step } from 'postgraphile/grafast';
import { extendSchema, gql } from 'postgraphile/utils';
import type { EventRow } from '../api/events/event-row.ts';

/** `attempts` of an event, from the view of that name. */
export const attemptsPlugin = extendSchema((build) => {
  const { attempts } = build.pgResources;
  if (!attempts) {
    throw new Error('there is no view scheduler.attempts');
  }
  return {
    typeDefs: gql`
      extend type Event {
        """Its rejected attempts, in order."""
        attempts: [Attempt!]!
      }
    `,
    objects: {
      Event: {
        plans: {
          attempts: ($event: Step<EventRow>) => {
            const $attempts = attempts.find({ event_id: get($event, 'id') });
            $attempts.orderBy({ attribute: 'attempt', direction: 'ASC' });
            return $attempts;
          },
        },
      },
    },
  };
}, 'SchedulerAttemptsPlugin');
