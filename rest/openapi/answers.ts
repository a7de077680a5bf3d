import { type Static, type TSchema, Type } from 'typebox';
import type { ErrorCatalogue, ErrorCode } from '../../api/errors.ts';
import { problemSchema } from '../schemas/problem.ts';

type Headers = Readonly<Record<string, { readonly type: string; readonly description: string }>>;

export const ofEveryAnswer: Headers = {
  'X-Request-Id': {
    type: 'string',
    description: 'The one of the request, or a new one; also in the log of the server.',
  },
};

/**
 * An answer whose body is a component.
 * @param schema has a `$id`
 */
export function answer<Schema extends TSchema>(
  schema: Schema,
  description: string,
  headers: Headers = {},
) {
  return Type.Unsafe<Static<Schema>>({
    ...reference(schema),
    description,
    headers: { ...headers, ...ofEveryAnswer },
  });
}

/** An answer whose body is a list. */
export function listAnswer<Schema extends TSchema>(
  schema: Schema,
  description: string,
  headers: Headers = {},
) {
  return Type.Unsafe<Static<Schema>>({
    ...schema,
    description,
    headers: { ...headers, ...ofEveryAnswer },
  });
}

/** A body that is a component. */
export function body<Schema extends TSchema>(schema: Schema) {
  return Type.Unsafe<Static<Schema>>(reference(schema));
}

function reference(schema: TSchema): { readonly $ref: string } {
  const { $id } = schema as { readonly $id?: string };
  if ($id === undefined) {
    throw new Error('a schema without $id is no component');
  }
  return { $ref: `${$id}#` };
}

export const location: Headers = {
  Location: { type: 'string', description: 'Path of the new event.' },
};
export const etag: Headers = {
  ETag: { type: 'string', description: 'Strong entity tag of the event, for If-Match.' },
};
/** An answer to If-None-Match. */
export const notModified = Type.Unsafe<null>({
  type: 'null',
  description: 'The event is as it was.',
  headers: { ...etag, ...ofEveryAnswer },
});
export const link: Headers = {
  Link: {
    type: 'string',
    description: '`<…>; rel="next"` (RFC 8288) when more follow; absent on the last page.',
  },
};

const ofEveryRoute = ['bad_request', 'internal_error'];
/** Of routes that ask who calls. */
const ofCaller = [
  'invalid_token',
  'not_identified',
  'foreign_origin',
  'keys_unavailable',
  'database_unavailable',
];
/** Of routes that take a body. */
export const ofBody = [
  'malformed_json',
  'invalid_event',
  'body_too_large',
  'unsupported_media_type',
];
/** Of routes that take a recurrence. */
export const ofRecurrence = [
  'invalid_date_time',
  'invalid_timezone',
  'invalid_recurrence',
  'invalid_policy',
  // Of a schema that has no series yet.
  'recurrence_unsupported',
];
/** Of routes that take an event. */
export const ofContent = [
  ...ofBody,
  ...ofRecurrence,
  'invalid_id',
  'invalid_payload',
  'invalid_topic',
  'invalid_ends_at',
  'invalid_duration',
  'invalid_headers',
  'message_too_large',
];
/** Of routes that name an event. */
export const ofId = ['invalid_id', 'not_found'];
/** Of routes that change what is there. */
export const ofState = ['final', 'series_changed'];
/** Of routes that write. */
export const ofChange = ['forbidden', 'topic_not_granted', 'busy', 'in_flight'];

const ofStatus: Readonly<Record<number, { description: string; headers?: Headers }>> = {
  400: { description: 'The request is not valid.' },
  401: {
    description: 'Nobody is known by this token, or a token is needed.',
    headers: { 'WWW-Authenticate': { type: 'string', description: 'The scheme to use.' } },
  },
  403: { description: 'This is not allowed.' },
  404: { description: 'There is no such event, or it is not to be seen.' },
  409: { description: 'It cannot be done as things stand.' },
  412: { description: 'The event has changed meanwhile.' },
  413: { description: 'The body is too large.' },
  415: { description: 'The body has another media type.' },
  500: { description: 'This is a fault of the server.' },
  503: {
    description: 'What this depends on is away.',
    headers: { 'Retry-After': { type: 'string', description: 'Seconds to wait.' } },
  },
};

/**
 * The refusals of a route by status. Their examples are named after the codes.
 * @param codes what may go wrong here, besides what may everywhere
 */
export function refusals(errors: ErrorCatalogue, ...codes: readonly string[]) {
  return openRefusals(errors, ...ofCaller, ...codes);
}

/** The same of a route that asks nobody who they are. */
export function openRefusals(errors: ErrorCatalogue, ...codes: readonly string[]) {
  // A schema of the version before does not have them all.
  const known = [...new Set([...ofEveryRoute, ...codes])].flatMap(
    (code) => errors.find(code) ?? [],
  );
  const byStatus = Map.groupBy(known, ({ httpStatus }) => httpStatus);
  return Object.fromEntries([...byStatus].map(([status, some]) => [status, refusal(status, some)]));

  function refusal(status: number, some: readonly ErrorCode[]) {
    const examples = some.map(({ code, title }) => [
      code,
      { summary: title, value: errors.refusal(code).problem },
    ]);
    const content = { schema: reference(problemSchema), examples: Object.fromEntries(examples) };
    const { description = '', headers } = ofStatus[status] ?? {};
    return {
      description,
      headers: { ...headers, ...ofEveryAnswer },
      content: { 'application/problem+json': content },
    };
  }
}
