import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { inItem } from '../api/errors.ts';
import { scheduleEvents } from '../api/events/schedule-events.ts';
import { callerOf } from '../api/identity/caller.ts';
import { mapInSlices } from '../api/in-slices.ts';
import type { SeriesContext } from '../api/series/context.ts';
import { fromJson, refuseStatus } from './event-json.ts';
import { batchedEventsSchema, newEventsSchema, problemSchema } from './schemas.ts';

const answers = { '4xx': problemSchema, '5xx': problemSchema };

/** Many events in one request, all or none. */
export const batchRoutes: FastifyPluginAsyncTypebox<SeriesContext> = async (app, context) => {
  const { errors } = context;
  app.post(
    '/events/batch',
    {
      schema: {
        body: newEventsSchema,
        response: { 200: batchedEventsSchema, 201: batchedEventsSchema, ...answers },
      },
    },
    async (request, reply) => {
      const given = await mapInSlices(request.body, (event, index) => {
        try {
          refuseStatus(event, errors);
          return fromJson(event, errors);
        } catch (error) {
          throw inItem(error, index);
        }
      });
      const scheduled = await scheduleEvents(context, callerOf(request), given);
      if (scheduled.some(({ created }) => created)) {
        reply.code(201);
      }
      return scheduled.map(({ warnings, ...event }) =>
        warnings.length > 0 ? { ...event, warnings: [...warnings] } : event,
      );
    },
  );
};
