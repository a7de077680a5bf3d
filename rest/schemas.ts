import { type Static, type TSchema, Type } from 'typebox';
import type { EventStatus } from '../api/events/event-status.ts';

/**
 * The one source of what REST takes and gives: validation, types and, later, the OpenAPI
 * description. What a value must look like inside its type is SQL's to say, so that every door says
 * the same.
 */

const text = (description: string) => Type.String({ description });

/** A string; null and "" are the same as nothing. */
const optional = (description: string) =>
  Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], description }));

/** Accepted whatever it says, so that what a client got from GET can be sent back. */
const ignored = (description: string) =>
  Type.Optional(
    Type.Unknown({ readOnly: true, description: `${description} Ignored in requests.` }),
  );

const given = {
  id: optional('A UUID, chosen by the caller; absent: the server makes one (version 7).'),
  scheduledAt: Type.String({
    description:
      'RFC 3339 date-time. With Z or an offset: that instant. Without: wall time in `timezone`.',
  }),
  timezone: optional('IANA time zone name, default `UTC`.'),
  payload: Type.String({
    description: 'The bytes of the Kafka message in Base64 (RFC 4648 §4). May be empty.',
  }),
  destinationTopic: Type.String({ description: 'Kafka topic.' }),
  endsAt: optional('RFC 3339 date-time, not before `scheduledAt`. Informational.'),
  recurrence: optional(
    'RRULE, RDATE and EXDATE lines (RFC 5545), separated by newlines. An event that recurs is a series; `PUT` neither adds nor removes it.',
  ),
  gap: optional(
    'What a local time means that a clock change skips: `shift` (default) or, for series, `skip`.',
  ),
  overlap: optional(
    'What a local time means that a clock change repeats: `first`, `last` or, for series, `both`; default `first`, for HOURLY and finer rules `both`.',
  ),
  missed: optional(
    'For series: which overdue occurrences are published, `all` (default), `latest` or `skip`.',
  ),
  maxLateness: optional('ISO 8601 duration; later than this the event is not published any more.'),
  key: optional('Key of the Kafka message, default the event id.'),
  headers: Type.Optional(
    Type.Unsafe<Record<string, string> | '' | null>({
      type: ['object', 'string', 'null'],
      additionalProperties: { type: 'string' },
      maxLength: 0,
      description: 'Headers of the Kafka message: an object of strings.',
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
  { additionalProperties: false },
);
export type NewEvent = Static<typeof newEventSchema>;

/** Body of PUT /events/{id}: the whole event, as GET gave it. */
export const replacedEventSchema = Type.Object(
  { ...given, recurrenceId: optional('Read only: series of an instance; null otherwise.') },
  { additionalProperties: false },
);
export type ReplacedEvent = Static<typeof replacedEventSchema>;

export const idSchema = Type.Object({ id: Type.String({ description: 'Id of the event.' }) });

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const statusSchema = Type.Unsafe<EventStatus>(
  Type.Union(
    ['SCHEDULED', 'PUBLISHED', 'CANCELED', 'FAILED'].map((status) => Type.Literal(status)),
    { description: 'Where it stands; the last three are final.' },
  ),
);

const warningsSchema = Type.Array(
  Type.Object({
    code: text('`start_not_matching` or `past_occurrences`.'),
    detail: text('What it means here.'),
  }),
  { description: 'What to know of a recurrence that is taken.' },
);

/** Body of POST /recurrence/preview. */
export const previewSchema = Type.Object(
  {
    scheduledAt: given.scheduledAt,
    timezone: given.timezone,
    recurrence: Type.String({
      description: 'RRULE, RDATE and EXDATE lines (RFC 5545), separated by newlines.',
    }),
    gap: given.gap,
    overlap: given.overlap,
    from: optional('RFC 3339 date-time: occurrences from this on. Default: from the first.'),
    limit: Type.Optional(
      Type.Unsafe<number | null>({
        type: ['integer', 'null'],
        description: 'How many occurrences at most, 1 to 1,000; default 100.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Answer of POST /recurrence/preview. */
export const previewedSchema = Type.Object({
  occurrences: Type.Array(text('An instant in UTC.')),
  complete: Type.Boolean({ description: 'Whether there are no more than these.' }),
  warnings: warningsSchema,
});

/** An event as every route gives it; absent optional fields are null. */
export const eventSchema = Type.Object({
  id: text('A UUID; of an instance `<series id>_<original start in UTC>`.'),
  scheduledAt: text('As it was given: wall time in `timezone`, or an instant with Z.'),
  scheduledInstant: text('`scheduledAt` in UTC.'),
  timezone: text('IANA time zone name.'),
  payload: orNull(text('Base64. Null for readers.')),
  destinationTopic: text('Kafka topic.'),
  endsAt: orNull(text('As it was given. Informational.')),
  recurrence: orNull(text('RFC 5545 recurrence lines.')),
  gap: text('What a local time means that a clock change skips.'),
  overlap: orNull(
    text('What a local time means that a clock change repeats. Null: a series took the default.'),
  ),
  missed: orNull(text('Of a series: which overdue occurrences are published. Null: all.')),
  maxLateness: orNull(text('ISO 8601 duration.')),
  key: orNull(text('Key of the Kafka message; null: the event id, of an instance its series.')),
  headers: orNull(Type.Record(Type.String(), Type.String())),
  status: statusSchema,
  retry: Type.Integer({ description: 'Rejected attempts so far.' }),
  lastError: orNull(text('Code of the last rejection; `missed` when it was passed over.')),
  recurrenceId: orNull(text('Series of an instance.')),
  occurrence: orNull(Type.Integer({ description: 'Place of an instance in its series.' })),
  owner: text('The identity that created it.'),
  createdAt: text('When it was created.'),
  updatedAt: text('When it last changed.'),
  publishedAt: orNull(text('When it was confirmed to be on its topic.')),
  nextAt: orNull(text('When it will be published next; null: never again.')),
});
export type EventJson = Static<typeof eventSchema>;

/** Answer of POST /events. */
export const createdEventSchema = Type.Interface([eventSchema], {
  warnings: Type.Optional(warningsSchema),
});

/** Answer of GET /events/{id}/instances. */
export const instancesSchema = Type.Array(eventSchema);

/** Query of GET /events/{id}/instances. */
export const instancesQuerySchema = Type.Object(
  {
    from: Type.Optional(text('RFC 3339 date-time: instances from this on.')),
    to: Type.Optional(text('RFC 3339 date-time: instances before this.')),
    limit: Type.Optional(
      text('How many at most, 1 to 1,000; default 1,000, of an endless series 100.'),
    ),
    cursor: Type.Optional(text('Opaque, of a link to the next page.')),
  },
  { additionalProperties: false },
);

export const eventStatusSchema = Type.Object({ id: text('A UUID.'), status: statusSchema });

export const problemSchema = Type.Object(
  {
    type: text('URN of the error, stable.'),
    title: text('What went wrong.'),
    status: Type.Integer({ description: 'Status of the answer.' }),
    detail: text('What went wrong here.'),
    code: text('Name of the error, stable.'),
    field: Type.Optional(text('JSON path of the field at fault.')),
    hint: Type.Optional(text('What would be right.')),
  },
  { description: 'Problem details (RFC 9457).' },
);

/** Which error a wrong type is: the one that SQL raises for a wrong value of that field. */
export const fieldErrors: Readonly<Record<string, string>> = {
  id: 'invalid_id',
  scheduledAt: 'invalid_date_time',
  timezone: 'invalid_timezone',
  payload: 'invalid_payload',
  destinationTopic: 'invalid_topic',
  endsAt: 'invalid_date_time',
  recurrence: 'invalid_recurrence',
  from: 'invalid_date_time',
  to: 'invalid_date_time',
  cursor: 'bad_request',
  limit: 'bad_request',
  gap: 'invalid_policy',
  overlap: 'invalid_policy',
  missed: 'invalid_policy',
  maxLateness: 'invalid_duration',
  headers: 'invalid_headers',
};

/** Body of POST /events/batch. */
export const newEventsSchema = Type.Array(newEventSchema, {
  maxItems: 10_000,
  description: 'At most 10,000 events, each with an id of its own.',
});

/** Answer of POST /events/batch. */
export const batchedEventsSchema = Type.Array(
  Type.Object({
    id: text('As it was given, or made by the server.'),
    status: statusSchema,
    created: Type.Boolean({ description: 'False: the same creation was there already.' }),
    warnings: Type.Optional(warningsSchema),
  }),
  { description: 'What became of each, in the order given.' },
);
