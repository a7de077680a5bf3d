import { type Static, Type } from 'typebox';
import type { EventStatus } from '../../api/events/event-status.ts';
import type { Gap, Missed, Overlap } from '../../api/events/policies.ts';
import {
  ignored,
  instant,
  nullableInstant,
  nullableInteger,
  nullableText,
  optional,
  orNull,
  ref,
  text,
} from './fields.ts';
import type { warningSchema } from './warning.ts';

/**
 * What REST takes and gives of events: validation, types and the description of the API come from
 * here. What a value must look like inside its type is SQL's to say, so that every door says the
 * same.
 */

const given = {
  id: optional(
    'A UUID, chosen by the caller; absent: the server makes one (version 7).',
    '8b82e04b-7764-430b-bc49-0393235f8927',
  ),
  scheduledAt: text(
    'RFC 3339 date-time. With Z or an offset: that instant. Without: wall time in `timezone`.',
    '2035-04-15T10:00:00',
    '2035-04-15T01:00:00Z',
  ),
  timezone: optional('IANA time zone name, default `UTC`.', 'Asia/Tokyo'),
  payload: Type.String({
    contentEncoding: 'base64',
    description: 'The bytes of the Kafka message in Base64 (RFC 4648 §4). May be empty.',
    examples: ['aGVsbG8gd29ybGQK'],
  }),
  destinationTopic: text('Kafka topic.', 'a-destination-topic'),
  endsAt: optional(
    'RFC 3339 date-time, not before `scheduledAt`. Informational.',
    '2035-04-15T10:30:00',
  ),
  recurrence: optional(
    'RRULE, RDATE and EXDATE lines (RFC 5545), separated by newlines. An event that recurs is a series; `PUT` neither adds nor removes it.',
    'RRULE:FREQ=DAILY;COUNT=10\nEXDATE:20350423T100000',
  ),
  gap: optional(
    'What a local time means that a clock change skips: `shift` (default) or, for series, `skip`.',
    'shift',
  ),
  overlap: optional(
    'What a local time means that a clock change repeats: `first`, `last` or, for series, `both`; default `first`, for HOURLY and finer rules `both`.',
    'first',
  ),
  missed: optional(
    'For series: which overdue occurrences are published, `all` (default), `latest` or `skip`.',
    'latest',
  ),
  maxLateness: optional(
    'ISO 8601 duration; later than this the event is not published any more.',
    'PT15M',
  ),
  key: optional('Key of the Kafka message, default the event id.', 'customer-1'),
  headers: Type.Optional(
    Type.Unsafe<Record<string, string> | null>({
      type: ['object', 'null'],
      additionalProperties: { type: 'string' },
      description: 'Headers of the Kafka message: an object of strings.',
      examples: [{ 'content-type': 'text/plain' }],
    }),
  ),
  status: optional('Read only: `SCHEDULED`, `PUBLISHED`, `CANCELED` or `FAILED`.'),
  scheduledInstant: ignored('`scheduledAt` in UTC.'),
  retry: ignored('Rejected attempts so far.'),
  lastError: ignored('Code of the last rejection; `missed` when it was passed over.'),
  occurrence: ignored('Place of an instance in its series.'),
  owner: ignored('The identity that created it.'),
  createdAt: ignored('When it was created.'),
  updatedAt: ignored('When it last changed.'),
  publishedAt: ignored('When it was confirmed to be on its topic.'),
  nextAt: ignored('When it will be published next; null: never again.'),
};

/** Body of POST /events. */
export const newEventSchema = Type.Object(
  { ...given, recurrenceId: ignored('Series of an instance.') },
  {
    $id: 'NewEvent',
    additionalProperties: false,
    description: 'An event to create. Null and "" are the same as nothing.',
  },
);
export type NewEvent = Static<typeof newEventSchema>;

/** Body of PUT /events/{id}: the whole event, as GET gave it. */
export const replacedEventSchema = Type.Object(
  { ...given, recurrenceId: optional('Read only: series of an instance; null otherwise.') },
  {
    $id: 'ReplacedEvent',
    additionalProperties: false,
    description: 'The whole event, as it was read and then changed. What is absent is its default.',
  },
);

export const idSchema = Type.Object({
  id: text(
    'Id of an event, a UUID; or of an instance, `<series id>_<original start in UTC>`.',
    '8b82e04b-7764-430b-bc49-0393235f8927',
    '318849b6-39b9-47fb-8b23-4fd43089f03f_20350424T010000Z',
  ),
});

/** Headers of requests that read. */
export const readingHeadersSchema = Type.Object({
  'If-None-Match': Type.Optional(
    text('ETag of the event as it is known: 304 when it still is so (RFC 9110 section 13).'),
  ),
});

/** Headers of requests that change. */
export const changingHeadersSchema = Type.Object({
  'If-Match': Type.Optional(
    text('ETag of the event as it is known: 412 when it has changed meanwhile.'),
  ),
});

export const statusSchema = Type.Unsafe<EventStatus>({
  $id: 'Status',
  type: 'string',
  enum: ['SCHEDULED', 'PUBLISHED', 'CANCELED', 'FAILED'],
  description: 'Where an event stands; the last three are final.',
});
export const gapSchema = Type.Unsafe<Gap>({
  $id: 'Gap',
  type: 'string',
  enum: ['shift', 'skip'],
  description: 'What a local time means that a clock change skips.',
});
export const overlapSchema = Type.Unsafe<Overlap>({
  $id: 'Overlap',
  type: 'string',
  enum: ['first', 'last', 'both'],
  description: 'What a local time means that a clock change repeats.',
});
export const missedSchema = Type.Unsafe<Missed>({
  $id: 'Missed',
  type: 'string',
  enum: ['all', 'latest', 'skip'],
  description: 'Which overdue occurrences of a series are published.',
});

const eventFields = {
  id: text('A UUID; of an instance `<series id>_<original start in UTC>`.'),
  scheduledAt: text('As it was given: wall time in `timezone`, or an instant with Z.'),
  scheduledInstant: instant('`scheduledAt` in UTC.'),
  timezone: text('IANA time zone name.'),
  payload: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    contentEncoding: 'base64',
    description: 'Base64. Null for readers.',
  }),
  destinationTopic: text('Kafka topic.'),
  endsAt: nullableText('As it was given. Informational.'),
  recurrence: nullableText('RFC 5545 recurrence lines.'),
  gap: ref<Gap>('Gap'),
  overlap: orNull(ref<Overlap>('Overlap')),
  missed: orNull(ref<Missed>('Missed')),
  maxLateness: nullableText('ISO 8601 duration.'),
  key: nullableText('Key of the Kafka message; null: the event id, of an instance its series.'),
  headers: Type.Unsafe<Record<string, string> | null>({
    type: ['object', 'null'],
    additionalProperties: { type: 'string' },
    description: 'Headers of the Kafka message. Null for readers.',
  }),
  status: ref<EventStatus>('Status'),
  retry: Type.Integer({ description: 'Rejected attempts so far.' }),
  lastError: nullableText('Code of the last rejection; `missed` when it was passed over.'),
  recurrenceId: nullableText('Series of an instance.'),
  occurrence: nullableInteger('Place of an instance in its series.'),
  owner: text('The identity that created it.'),
  createdAt: instant('When it was created.'),
  updatedAt: instant('When it last changed.'),
  publishedAt: nullableInstant('When it was confirmed to be on its topic.'),
  nextAt: nullableInstant('When it will be published next; null: never again.'),
};

/** An event as every route gives it; absent optional fields are null. */
export const eventSchema = Type.Object(eventFields, {
  $id: 'Event',
  description: 'An event, a series or an instance of a series.',
});
export type EventJson = Static<typeof eventSchema>;

/** Answer of POST /events. */
export const createdEventSchema = Type.Object(
  {
    ...eventFields,
    warnings: Type.Optional(
      Type.Array(ref<Static<typeof warningSchema>>('Warning'), {
        description: 'What to know of a recurrence that was taken; absent when there is nothing.',
      }),
    ),
  },
  { $id: 'CreatedEvent', description: 'An event that has just been created.' },
);

export const eventStatusSchema = Type.Object(
  { id: text('A UUID, or id of an instance.'), status: ref<EventStatus>('Status') },
  { $id: 'EventStatus', description: 'Where one event stands.' },
);
