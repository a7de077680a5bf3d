import { Type } from 'typebox';
import type { EventStatus } from '../../api/events/event-status.ts';
import type { EventJson } from './event.ts';
import { pageLimit, ref, text } from './fields.ts';

/** Answer of GET /events. */
export const eventsSchema = Type.Array(ref<EventJson>('Event'));

/** Query of GET /events. */
export const listQuerySchema = Type.Object(
  {
    status: Type.Optional(ref<EventStatus>('Status')),
    destinationTopic: Type.Optional(text('Events for this topic.', 'a-destination-topic')),
    from: Type.Optional(
      text(
        'RFC 3339 date-time, without Z or offset in UTC: events with a `scheduledInstant` from this on.',
        '2035-04-15T01:00:00Z',
      ),
    ),
    to: Type.Optional(
      text('Likewise: events with a `scheduledInstant` before this.', '2035-05-01T00:00:00Z'),
    ),
    recurrenceId: Type.Optional(
      text(
        'Exceptions of this series: instances that were changed, cancelled or rejected.',
        '318849b6-39b9-47fb-8b23-4fd43089f03f',
      ),
    ),
    limit: Type.Optional(pageLimit('How many at most; default 100.')),
    cursor: Type.Optional(text('Opaque, of a link to the next page.')),
  },
  { additionalProperties: false },
);
