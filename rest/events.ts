import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { Pool, QueryResultRow } from 'pg';
import { runAs, type Statement } from '../api/database.ts';
import type { ErrorCatalogue } from '../api/errors.ts';
import type { EventRow } from '../api/events/event-row.ts';
import type { EventStatements } from '../api/events/statements.ts';
import { callerOf } from '../api/identity.ts';
import { cancelInstance, replaceInstance } from '../api/series/change-instance.ts';
import type { SeriesContext } from '../api/series/context.ts';
import { findInstance } from '../api/series/find-instance.ts';
import { checkRecurrence } from '../api/series/given-recurrence.ts';
import { checkNewSeries } from '../api/series/new-series.ts';
import { checkId, narrowToInstance, refuseRecurrenceId } from './event-ids.ts';
import { inputValues, toJson } from './event-json.ts';
import {
  createdEventSchema,
  type EventJson,
  eventSchema,
  eventStatusSchema,
  idSchema,
  type NewEvent,
  newEventSchema,
  problemSchema,
  replacedEventSchema,
} from './schemas.ts';

export interface EventRoutesOptions {
  readonly pool: Pool;
  readonly errors: ErrorCatalogue;
  readonly statements: EventStatements;
  /** null: this schema has no series yet */
  readonly series: SeriesContext | null;
}

const answers = { '4xx': problemSchema, '5xx': problemSchema };

/** The routes of single events: one-off ones, series and instances. */
export const eventRoutes: FastifyPluginAsyncTypebox<EventRoutesOptions> = async (
  app,
  { pool, errors, statements, series },
) => {
  async function ask<Row extends QueryResultRow>(
    request: FastifyRequest,
    statement: Statement,
    values: readonly unknown[],
  ): Promise<Row> {
    const [row] = await runAs<Row>(pool, callerOf(request), statement, values);
    if (!row) {
      throw notFound(String(values[0]));
    }
    return row;
  }

  const notFound = (id: string) => errors.refusal('not_found', { field: 'id', detail: id });

  function seriesOr404(id: string): SeriesContext {
    if (!series) {
      throw notFound(id);
    }
    return series;
  }

  app.post(
    '/events',
    {
      schema: {
        body: newEventSchema,
        response: { 200: eventSchema, 201: createdEventSchema, ...answers },
      },
    },
    async (request, reply) => {
      const { body } = request;
      if (body.status && body.status !== 'SCHEDULED') {
        const detail = 'An event begins as SCHEDULED.';
        throw errors.refusal('invalid_event', { field: 'status', detail });
      }
      const values = inputValues(body, errors);
      const warnings =
        recurs(body) && series ? await checkNewSeries(series, callerOf(request), body) : [];
      const { created, ...row } = await ask<EventRow & { created: boolean }>(
        request,
        statements.schedule,
        values,
      );
      if (!created) {
        return toJson(row);
      }
      reply.code(201).header('location', `/events/${row.id}`);
      return warnings.length > 0 ? { ...toJson(row), warnings } : toJson(row);
    },
  );

  app.get(
    '/events/:id',
    { schema: { params: idSchema, response: { 200: eventSchema, ...answers } } },
    async (request) => {
      const id = checkId(request.params.id, errors);
      if (id.type === 'event') {
        return toJson(await ask<EventRow>(request, statements.read, [id.id]));
      }
      const { event } = await findInstance(seriesOr404(id.id), callerOf(request), id);
      return toJson(event);
    },
  );

  app.get(
    '/events/:id/status',
    { schema: { params: idSchema, response: { 200: eventStatusSchema, ...answers } } },
    async (request) => {
      const id = checkId(request.params.id, errors);
      if (id.type === 'event') {
        return ask<Pick<EventJson, 'id' | 'status'>>(request, statements.readStatus, [id.id]);
      }
      const { event } = await findInstance(seriesOr404(id.id), callerOf(request), id);
      return { id: event.id, status: event.status };
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
      const { body } = request;
      if (id.type === 'instance') {
        const values = inputValues(narrowToInstance(body, id, errors), errors);
        const context = seriesOr404(id.id);
        return toJson(await replaceInstance(context, callerOf(request), id, body.status, values));
      }
      refuseRecurrenceId(body, errors);
      const values = inputValues(body, errors);
      if (recurs(body) && series) {
        await checkRecurrence(body, series.timezones, errors);
      }
      return toJson(
        await ask<EventRow>(request, statements.replace, [id.id, body.status, ...values]),
      );
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
        if (id.type === 'event') {
          return toJson(await ask<EventRow>(request, statements.cancel, [id.id]));
        }
        return toJson(await cancelInstance(seriesOr404(id.id), callerOf(request), id));
      },
    );
  });
};

function recurs(event: NewEvent): event is NewEvent & { recurrence: string } {
  return Boolean(event.recurrence);
}
