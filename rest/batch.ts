import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { inItem } from '../api/errors.ts';
import { scheduleEvents } from '../api/events/schedule-events.ts';
import { callerOf } from '../api/identity/caller.ts';
import { mapInSlices } from '../api/in-slices.ts';
import type { SeriesContext } from '../api/series/context.ts';
import { dropEmptyHeaders, fromJson, refuseStatus } from './event-json.ts';
import { listAnswer, ofChange, ofContent, refusals } from './openapi/answers.ts';
import { linksOfFirstEvent } from './openapi/links.ts';
import { batchedEventsSchema, newEventsSchema } from './schemas/batch.ts';

const ofBatch = ['many_past_occurrences', 'id_taken', 'duplicate_id'];

/** Many events in one request, all or none. */
export const batchRoutes: FastifyPluginAsyncTypebox<SeriesContext> = async (app, context) => {
  const { errors } = context;
  app.post(
    '/events/batch',
    {
      schema: {
        operationId: 'createEvents',
        summary: 'Create many events and series, all or none',
        description:
          'In one transaction. An error names the item and the field: `[17].timezone`. The same batch may be repeated.',
        tags: ['Events'],
        body: newEventsSchema,
        response: {
          200: listAnswer(batchedEventsSchema, 'All of them were there already.'),
          201: listAnswer(batchedEventsSchema, 'They are created, as far as they were not there.'),
          ...refusals(errors, ...ofContent, ...ofChange, ...ofBatch),
        },
      },
      links: { 201: linksOfFirstEvent },
      preValidation: async (request) => dropEmptyHeaders(request.body),
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
