import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { cancelEvent, replaceEvent } from '../api/events/change-event.ts';
import type { EventsContext } from '../api/events/context.ts';
import { readEvent, readStatus } from '../api/events/read-event.ts';
import { scheduleEvent } from '../api/events/schedule-event.ts';
import { callerOf } from '../api/identity/caller.ts';
import { fromJson, refuseStatus, toJson } from './event-json.ts';
import {
  createdEventSchema,
  eventSchema,
  eventStatusSchema,
  idSchema,
  newEventSchema,
  problemSchema,
  replacedEventSchema,
} from './schemas.ts';

const answers = { '4xx': problemSchema, '5xx': problemSchema };

/** The routes of single events: one-off ones, series and instances. */
export const eventRoutes: FastifyPluginAsyncTypebox<EventsContext> = async (app, context) => {
  const { errors } = context;

  app.post(
    '/events',
    {
      schema: {
        body: newEventSchema,
        response: { 200: eventSchema, 201: createdEventSchema, ...answers },
      },
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
    { schema: { params: idSchema, response: { 200: eventSchema, ...answers } } },
    async (request) => toJson(await readEvent(context, callerOf(request), request.params.id)),
  );

  app.get(
    '/events/:id/status',
    { schema: { params: idSchema, response: { 200: eventStatusSchema, ...answers } } },
    async (request) => readStatus(context, callerOf(request), request.params.id),
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
      { schema: { params: idSchema, response: { 200: eventSchema, ...answers } } },
      async (request) => toJson(await cancelEvent(context, callerOf(request), request.params.id)),
    );
  });
};
