import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { cancelEvent, replaceEvent } from '../api/events/change-event.ts';
import type { EventsContext } from '../api/events/context.ts';
import type { EventRow } from '../api/events/event-row.ts';
import { ifUnchanged } from '../api/events/if-unchanged.ts';
import { readEvent, readStatus } from '../api/events/read-event.ts';
import { scheduleEvent } from '../api/events/schedule-event.ts';
import { callerOf } from '../api/identity/caller.ts';
import { readIfMatch, sendEvent, sendUnlessKnown } from './conditions.ts';
import { dropEmptyHeaders, fromJson, refuseStatus } from './event-json.ts';
import {
  answer,
  body,
  etag,
  location,
  notModified,
  ofChange,
  ofContent,
  ofId,
  ofState,
  refusals,
} from './openapi/answers.ts';
import { linksOfEvent } from './openapi/links.ts';
import {
  changingHeadersSchema,
  createdEventSchema,
  eventSchema,
  eventStatusSchema,
  idSchema,
  newEventSchema,
  readingHeadersSchema,
  replacedEventSchema,
} from './schemas/event.ts';

const tags = ['Events'];

export interface EventRoutesOptions extends EventsContext {
  readonly pool: Pool;
}

/**
 * The routes of single events: one-off ones, series and instances. Their answers are not compressed: a
 * strong entity tag is of the very bytes that are sent.
 */
export const eventRoutes: FastifyPluginAsyncTypebox<EventRoutesOptions> = async (app, context) => {
  const { errors, pool } = context;

  /** Does a change under the condition of If-Match, if there is one. */
  function changing(
    request: FastifyRequest,
    id: string,
    change: (context: EventsContext) => Promise<EventRow>,
  ): Promise<EventRow> {
    const isExpected = readIfMatch(request, errors);
    return isExpected
      ? ifUnchanged(pool, context, callerOf(request), id, isExpected, change)
      : change(context);
  }

  app.post(
    '/events',
    {
      schema: {
        operationId: 'createEvent',
        summary: 'Create an event or a series',
        description: 'A creation with the same id and content may be repeated.',
        tags,
        body: body(newEventSchema),
        response: {
          200: answer(
            eventSchema,
            'The same creation was there already: the event as it is.',
            etag,
          ),
          201: answer(createdEventSchema, 'It is created.', { ...location, ...etag }),
          ...refusals(errors, ...ofContent, ...ofChange, 'many_past_occurrences', 'id_taken'),
        },
      },
      links: { 200: linksOfEvent, 201: linksOfEvent },
      compress: false,
      preValidation: async (request) => dropEmptyHeaders(request.body),
    },
    async (request, reply) => {
      refuseStatus(request.body, errors);
      const given = fromJson(request.body, errors);
      const { event, created, warnings } = await scheduleEvent(context, callerOf(request), given);
      if (created) {
        reply.code(201).header('location', `/events/${event.id}`);
      }
      return sendEvent(reply, event, warnings);
    },
  );

  app.get(
    '/events/:id',
    {
      schema: {
        operationId: 'getEvent',
        summary: 'Read an event, a series or an instance',
        tags,
        params: idSchema,
        headers: readingHeadersSchema,
        response: {
          200: answer(eventSchema, 'The event.', etag),
          304: notModified,
          ...refusals(errors, ...ofId),
        },
      },
      links: { 200: linksOfEvent },
      compress: false,
    },
    async (request, reply) => {
      const event = await readEvent(context, callerOf(request), request.params.id);
      return sendUnlessKnown(request, reply, event);
    },
  );

  app.get(
    '/events/:id/status',
    {
      schema: {
        operationId: 'getEventStatus',
        summary: 'Read where an event, a series or an instance stands',
        tags,
        params: idSchema,
        response: { 200: answer(eventStatusSchema, 'Its status.'), ...refusals(errors, ...ofId) },
      },
    },
    async (request) => readStatus(context, callerOf(request), request.params.id),
  );

  app.put(
    '/events/:id',
    {
      schema: {
        operationId: 'replaceEvent',
        summary: 'Replace an event, a series or an instance',
        description:
          'Takes the whole event, as it was read. An instance becomes an exception, which later changes of its series do not touch.',
        tags,
        params: idSchema,
        headers: changingHeadersSchema,
        body: body(replacedEventSchema),
        response: {
          200: answer(eventSchema, 'The event as it is now.', etag),
          ...refusals(
            errors,
            ...ofId,
            ...ofContent,
            ...ofChange,
            ...ofState,
            'status_mismatch',
            'precondition_failed',
          ),
        },
      },
      links: { 200: linksOfEvent },
      compress: false,
      preValidation: async (request) => dropEmptyHeaders(request.body),
    },
    async (request, reply) => {
      const { id } = request.params;
      const given = fromJson(request.body, errors);
      const event = await changing(request, id, (held) =>
        replaceEvent(held, callerOf(request), id, given),
      );
      return sendEvent(reply, event);
    },
  );

  await app.register(async (scope) => {
    // Old clients send any content type here, or none, and bodies that say nothing.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, async () => undefined);
    scope.patch<{ Params: { id: string } }>(
      '/events/:id/cancel',
      {
        schema: {
          operationId: 'cancelEvent',
          summary: 'Cancel an event, a series or an instance',
          description: 'Needs no body. May be repeated.',
          tags,
          params: idSchema,
          headers: changingHeadersSchema,
          response: {
            200: answer(eventSchema, 'The event, canceled.', etag),
            ...refusals(
              errors,
              ...ofId,
              ...ofChange,
              ...ofState,
              'body_too_large',
              'precondition_failed',
            ),
          },
        },
        links: { 200: linksOfEvent },
        compress: false,
        decompress: false,
      },
      async (request, reply) => {
        const { id } = request.params;
        const event = await changing(request, id, (held) =>
          cancelEvent(held, callerOf(request), id),
        );
        return sendEvent(reply, event);
      },
    );
  });
};
