import { Type } from 'typebox';
import type { EventJson } from './event.ts';
import { pageLimit, ref, text } from './fields.ts';

/** Answer of GET /events/{id}/instances. */
export const instancesSchema = Type.Array(ref<EventJson>('Event'));

/** Query of GET /events/{id}/instances. */
export const instancesQuerySchema = Type.Object(
  {
    from: Type.Optional(
      text('RFC 3339 date-time: instances from this on.', '2035-04-15T01:00:00Z'),
    ),
    to: Type.Optional(text('RFC 3339 date-time: instances before this.', '2035-05-01T00:00:00Z')),
    limit: Type.Optional(pageLimit('How many at most; default 1,000, of an endless series 100.')),
    cursor: Type.Optional(text('Opaque, of a link to the next page.')),
  },
  { additionalProperties: false },
);
