import './production.ts';
import 'postgraphile';
import {
  context,
  each,
  type FieldArgs,
  get,
  type LoadOneCallback,
  loadOne,
  type ObjectStep,
  object,
  type Step,
  sideEffect,
} from 'postgraphile/grafast';
import { extendSchema, gql } from 'postgraphile/utils';
import { cancelEvent, replaceEvent } from '../api/events/change-event.ts';
import type { EventsContext } from '../api/events/context.ts';
import type { EventRow } from '../api/events/event-row.ts';
import type { GivenEvent } from '../api/events/given-event.ts';
import { readEvents } from '../api/events/read-event.ts';
import { scheduleEvent } from '../api/events/schedule-event.ts';
import { type BatchedEvent, scheduleEvents } from '../api/events/schedule-events.ts';
import type { Caller } from '../api/identity/caller.ts';
import type { SeriesContext } from '../api/series/context.ts';
import { replacePlans } from './replace-plans.ts';

type Input<Fields> = readonly [Caller, Fields];

/**
 * The mutations of events: made of the SQL functions, done as REST does them. Series pass the recurrence
 * module first, instances are found by expansion, and each is one statement of one transaction.
 */
export function mutationsPlugin(events: EventsContext): GraphileConfig.Plugin {
  const schedule = ([caller, given]: Input<GivenEvent>) => scheduleEvent(events, caller, given);
  const replace = async ([caller, given]: Input<{
    id: string;
    event: GivenEvent;
    status?: string | null;
  }>) => ({
    event: await replaceEvent(events, caller, given.id, { ...given.event, status: given.status }),
  });
  const cancel = async ([caller, { id }]: Input<{ id: string }>) => ({
    event: await cancelEvent(events, caller, id),
  });
  return replacePlans('SchedulerMutationsPlugin', {
    Mutation: {
      scheduleEvent: (_$root, args) => payload(args, schedule),
      replaceEvent: (_$root, args) => payload(args, replace),
      cancelEvent: (_$root, args) => payload(args, cancel),
    },
    ScheduleEventPayload: payloadPlans,
    ReplaceEventPayload: payloadPlans,
    CancelEventPayload: payloadPlans,
  });
}

/** Most events of one batch, as in REST. */
const GREATEST_BATCH = 10_000;

/**
 * `scheduleEvents`: one statement, however many they are. Whole events are read afterwards, and only for who
 * asks for more of them than where they stand.
 */
export function batchPlugin(series: SeriesContext): GraphileConfig.Plugin {
  const { errors } = series;
  const schedule = async ([caller, { events }]: Input<{ events: readonly GivenEvent[] }>) => {
    if (events.length > GREATEST_BATCH) {
      const detail = `A batch has at most ${GREATEST_BATCH} events.`;
      throw errors.refusal('bad_request', { field: 'events', detail });
    }
    const scheduled = await scheduleEvents(series, caller, events);
    const warnings = scheduled.flatMap((event, index) =>
      event.warnings.map((warning) => ({ ...warning, index })),
    );
    return { scheduled, warnings };
  };
  const read: LoadOneCallback<BatchedEvent, EventRow, EventRow, never, Caller> = async (
    batch,
    { attributes, shared },
  ) => {
    if (attributes.every((name) => name === 'id' || name === 'status')) {
      return batch as unknown as EventRow[];
    }
    const rows = await readEvents(
      series,
      shared,
      batch.map(({ id }) => id),
    );
    return batch.map(({ id }) => rows.get(id) as EventRow);
  };
  return replacePlans('SchedulerBatchPlugin', {
    Mutation: {
      scheduleEvents: (_$root, args) => payload(args, schedule),
    },
    ScheduleEventsPayload: {
      clientMutationId: payloadPlans.clientMutationId,
      events: ($payload) =>
        each(get(get($payload as ObjectStep, 'result'), 'scheduled'), ($scheduled) =>
          loadOne($scheduled as Step<BatchedEvent>, {
            load: read,
            shared: () => context().get('caller'),
          }),
        ),
    },
  });
}

const payloadPlans = {
  clientMutationId: ($payload: Step) => get($payload as ObjectStep, 'clientMutationId'),
  event: ($payload: Step) => get(get($payload as ObjectStep, 'result'), 'event'),
};

function payload(
  args: FieldArgs,
  // biome-ignore lint/suspicious/noExplicitAny: the schema says what an input has
  change: (input: Input<any>) => Promise<object>,
): Step {
  return object({
    clientMutationId: args.getRaw(['input', 'clientMutationId']),
    result: sideEffect([context().get('caller'), args.getRaw('input')], change),
  });
}

const warnings = ($payload: ObjectStep) => get(get($payload, 'result'), 'warnings');

/** What a creation says beside the event. */
export const creationPlugin = extendSchema({
  typeDefs: gql`
    """What to know of a recurrence that is taken."""
    type Warning {
      """start_not_matching or past_occurrences."""
      code: String!
      """What it means here."""
      detail: String!
    }
    extend type ScheduleEventPayload {
      """False: the same creation was there already, and the event is as it is."""
      created: Boolean!
      """What the creator of a series should know."""
      warnings: [Warning!]!
    }
  `,
  objects: {
    ScheduleEventPayload: {
      plans: {
        created: ($payload: ObjectStep) => get(get($payload, 'result'), 'created'),
        warnings,
      },
    },
  },
});

/** What a creation of many says beside the events. */
export const batchWarningsPlugin = extendSchema({
  typeDefs: gql`
    """What to know of a recurrence of a batch that is taken."""
    type BatchWarning {
      """Which of the events, from 0."""
      index: Int!
      """start_not_matching or past_occurrences."""
      code: String!
      """What it means here."""
      detail: String!
    }
    extend type ScheduleEventsPayload {
      """What the creator of series should know."""
      warnings: [BatchWarning!]!
    }
  `,
  objects: { ScheduleEventsPayload: { plans: { warnings } } },
});
