import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { cancelEvent, replaceEvent } from '../api/events/change-event.ts';
import type { EventsContext } from '../api/events/context.ts';
import { readEvent, readStatus } from '../api/events/read-event.ts';
import { scheduleEvent } from '../api/events/schedule-event.ts';
import { callerOf } from '../api/identity/caller.ts';
import { dropEmptyHeaders, fromJson, refuseStatus, toJson } from './event-json.ts';
import {
  answer,
  body,
  location,
  ofChange,
  ofContent,
  ofId,
  ofState,
  refusals,
} from './openapi/answers.ts';
import { linksOfEvent } from './openapi/links.ts';
import {
  createdEventSchema,
  eventSchema,
  eventStatusSchema,
  idSchema,
  newEventSchema,
  replacedEventSchema,
} from './schemas/event.ts';

const tags = ['Events'];

/** The routes of single events: one-off ones, series and instances. */
export const eventRoutes: FastifyPluginAsyncTypebox<EventsContext> = async (app, context) => {
  const { errors } = context;

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
          200: answer(eventSchema, 'The same creation was there already: the event as it is.'),
          201: answer(createdEventSchema, 'It is created.', location),
          ...refusals(errors, ...ofContent, ...ofChange, 'many_past_occurrences', 'id_taken'),
        },
      },
      links: { 200: linksOfEvent, 201: linksOfEvent },
      preValidation: async (request) => dropEmptyHeaders(request.body),
    },
    async (request, reply) => {
      refuseStatus(request.body, errors);
      const given = fromJson(request.body, errors);
      const { event, created, warnings } = await scheduleEvent(context, callerOf(request), given);
      if (created) {
        reply.code(201).header('location', `/events/${event.id}`);
      }
      return warnings.length > 0 ? { ...toJson(event), warnings } : toJson(event);
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
        response: { 200: answer(eventSchema, 'The event.'), ...refusals(errors, ...ofId) },
      },
      links: { 200: linksOfEvent },
    },
    async (request) => toJson(await readEvent(context, callerOf(request), request.params.id)),
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
        body: body(replacedEventSchema),
        response: {
          200: answer(eventSchema, 'The event as it is now.'),
          ...refusals(errors, ...ofId, ...ofContent, ...ofChange, ...ofState, 'status_mismatch'),
        },
      },
      links: { 200: linksOfEvent },
      preValidation: async (request) => dropEmptyHeaders(request.body),
    },
    async (request) => {
      const given = fromJson(request.body, errors);
      return toJson(await replaceEvent(context, callerOf(request), request.params.id, given));
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
          response: {
            200: answer(eventSchema, 'The event, canceled.'),
            ...refusals(errors, ...ofId, ...ofChange, ...ofState, 'body_too_large'),
          },
        },
        links: { 200: linksOfEvent },
      },
      async (request) => toJson(await cancelEvent(context, callerOf(request), request.params.id)),
    );
  });
};
