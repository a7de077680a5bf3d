import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { Pool, QueryResultRow } from 'pg';
import { decodeBase64 } from '../api/base64.ts';
import { runAs, type Statement } from '../api/database.ts';
import type { ErrorCatalogue } from '../api/errors.ts';
import { callerOf } from '../api/identity.ts';
import {
  type EventJson,
  eventSchema,
  eventStatusSchema,
  idSchema,
  type NewEvent,
  newEventSchema,
  problemSchema,
  replacedEventSchema,
} from './schemas.ts';
import { cancelEvent, readEvent, readStatus, replaceEvent, scheduleEvent } from './statements.ts';

export interface EventRoutesOptions {
  readonly pool: Pool;
  readonly errors: ErrorCatalogue;
}

/** An event as Postgres gives it; what only series have comes with them. */
type EventRow = Omit<
  EventJson,
  'payload' | 'recurrence' | 'missed' | 'recurrenceId' | 'occurrence'
> & { payload: Buffer | null };

const answers = { '4xx': problemSchema, '5xx': problemSchema };

/** The routes of single events. */
export const eventRoutes: FastifyPluginAsyncTypebox<EventRoutesOptions> = async (
  app,
  { pool, errors },
) => {
  async function ask<Row extends QueryResultRow>(
    request: FastifyRequest,
    statement: Statement,
    values: readonly unknown[],
  ): Promise<Row> {
    const [row] = await runAs<Row>(pool, callerOf(request), statement, values);
    if (!row) {
      throw errors.refusal('not_found', { field: 'id', detail: String(values[0]).slice(0, 60) });
    }
    return row;
  }

  app.post(
    '/events',
    {
      schema: {
        body: newEventSchema,
        response: { 200: eventSchema, 201: eventSchema, ...answers },
      },
    },
    async (request, reply) => {
      const { status } = request.body;
      if (status && status !== 'SCHEDULED') {
        const detail = 'An event begins as SCHEDULED.';
        throw errors.refusal('invalid_event', { field: 'status', detail });
      }
      const values = inputValues(request.body, errors);
      const { created, ...row } = await ask<EventRow & { created: boolean }>(
        request,
        scheduleEvent,
        values,
      );
      if (created) {
        reply.code(201).header('location', `/events/${row.id}`);
      }
      return toJson(row);
    },
  );

  app.get(
    '/events/:id',
    { schema: { params: idSchema, response: { 200: eventSchema, ...answers } } },
    async (request) => {
      const id = checkId(request.params.id, errors);
      return toJson(await ask<EventRow>(request, readEvent, [id]));
    },
  );

  app.get(
    '/events/:id/status',
    { schema: { params: idSchema, response: { 200: eventStatusSchema, ...answers } } },
    async (request) => {
      const id = checkId(request.params.id, errors);
      return ask<Pick<EventJson, 'id' | 'status'>>(request, readStatus, [id]);
    },
  );

  app.put(
    '/events/:id',
    {
      schema: {
        params: idSchema,
        body: replacedEventSchema,
        response: { 200: eventSchema, ...answers },
      },
    },
    async (request) => {
      const id = checkId(request.params.id, errors);
      const { recurrenceId, status } = request.body;
      if (recurrenceId) {
        const detail = 'The path names an event that is no instance of a series.';
        throw errors.refusal('invalid_event', { field: 'recurrenceId', detail });
      }
      const values = [id, status, ...inputValues(request.body, errors)];
      return toJson(await ask<EventRow>(request, replaceEvent, values));
    },
  );

  await app.register(async (scope) => {
    // Old clients send any content type here, or none, and bodies that say nothing.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, async () => undefined);
    scope.patch<{ Params: { id: string } }>(
      '/events/:id/cancel',
      { schema: { params: idSchema, response: { 200: eventSchema, ...answers } } },
      async (request) => {
        const id = checkId(request.params.id, errors);
        return toJson(await ask<EventRow>(request, cancelEvent, [id]));
      },
    );
  });
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INSTANCE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}_\d{8}T\d{6}Z$/i;

function checkId(id: string, errors: ErrorCatalogue): string {
  if (UUID.test(id)) {
    return id;
  }
  // Series are not supported yet, so nothing has instances.
  const code = INSTANCE.test(id) ? 'not_found' : 'invalid_id';
  throw errors.refusal(code, { field: 'id', detail: `${JSON.stringify(id.slice(0, 60))}` });
}

/** The values of `input` in statements.ts. */
function inputValues(event: NewEvent, errors: ErrorCatalogue): unknown[] {
  const payload = decodeBase64(event.payload);
  if (typeof payload === 'string') {
    throw errors.refusal('invalid_payload', { field: 'payload', detail: payload });
  }
  return [
    event.id,
    event.scheduledAt,
    event.timezone,
    payload,
    event.destinationTopic,
    event.endsAt,
    event.recurrence,
    event.gap,
    event.overlap,
    event.missed,
    event.maxLateness,
    event.key,
    event.headers ? JSON.stringify(event.headers) : null,
  ];
}

function toJson(row: EventRow): EventJson {
  const series = { recurrence: null, missed: null, recurrenceId: null, occurrence: null };
  return { ...row, ...series, payload: row.payload?.toString('base64') ?? null };
}
