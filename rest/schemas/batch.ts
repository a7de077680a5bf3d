import { type Static, Type } from 'typebox';
import type { EventStatus } from '../../api/events/event-status.ts';
import type { NewEvent } from './event.ts';
import { ref, text } from './fields.ts';
import type { warningSchema } from './warning.ts';

/** Body of POST /events/batch. */
export const newEventsSchema = Type.Array(ref<NewEvent>('NewEvent'), {
  maxItems: 10_000,
  description: 'At most 10,000 events, each with an id of its own.',
});

export const batchedEventSchema = Type.Object(
  {
    id: text('As it was given, or made by the server.'),
    status: ref<EventStatus>('Status'),
    created: Type.Boolean({ description: 'False: the same creation was there already.' }),
    warnings: Type.Optional(Type.Array(ref<Static<typeof warningSchema>>('Warning'))),
  },
  { $id: 'BatchedEvent', description: 'What became of one event of a batch.' },
);

/** Answer of POST /events/batch. */
export const batchedEventsSchema = Type.Array(
  ref<Static<typeof batchedEventSchema>>('BatchedEvent'),
  { description: 'What became of each, in the order given.' },
);
