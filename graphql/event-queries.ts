import './production.ts';
import 'postgraphile';
import { context, lambda } from 'postgraphile/grafast';
import type { EventsContext } from '../api/events/context.ts';
import type { EventRow } from '../api/events/event-row.ts';
import { readEvent } from '../api/events/read-event.ts';
import type { Caller } from '../api/identity/caller.ts';
import type { Budget } from './budget.ts';
import { replacePlans } from './replace-plans.ts';

/** Reads of single events: `event(id)`, of events and instances alike. */
export function eventQueriesPlugin(events: EventsContext): GraphileConfig.Plugin {
  const read = async ([caller, budget, id]: readonly [
    Caller,
    Budget,
    string,
  ]): Promise<EventRow | null> => {
    try {
      const event = await readEvent(events, caller, id);
      budget.spend([event], events.errors);
      return event;
    } catch (error) {
      if (events.errors.translate(error).problem.code === 'not_found') {
        return null;
      }
      throw error;
    }
  };
  return replacePlans('SchedulerEventQueriesPlugin', {
    Query: {
      event: (_$root, args) =>
        lambda([context().get('caller'), context().get('budget'), args.getRaw('id')], read),
    },
  });
}
