import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { listEvents } from '../api/events/list-events.ts';
import { readListQuery, writeCursor } from '../api/events/list-query.ts';
import { callerOf } from '../api/identity/caller.ts';
import type { SeriesContext } from '../api/series/context.ts';
import { toJson } from './event-json.ts';
import { nextLink } from './next-link.ts';
import { link, listAnswer, refusals } from './openapi/answers.ts';
import { linksOfFirstEvent } from './openapi/links.ts';
import { eventsSchema, listQuerySchema } from './schemas/list.ts';

/** Everything that is stored and that its caller may see, page by page. */
export const listRoutes: FastifyPluginAsyncTypebox<SeriesContext> = async (app, context) => {
  app.get(
    '/events',
    {
      schema: {
        operationId: 'listEvents',
        summary: 'List events, series and exceptions',
        description:
          'Whatever is stored, in the order of ids, which never change: a walk from page to page shows everything that was there at its start once. The work for a page is bounded, so that it may have fewer events than `limit`, or none, although more follow.',
        tags: ['Events'],
        querystring: listQuerySchema,
        response: {
          200: listAnswer(eventsSchema, 'A page of events.', link),
          ...refusals(
            context.errors,
            ...['invalid_event', 'invalid_date_time', 'invalid_id', 'invalid_topic'],
          ),
        },
      },
      links: { 200: linksOfFirstEvent },
    },
    async (request, reply) => {
      const { query } = request;
      const { filter, after, limit } = readListQuery(query, context.errors);
      const page = await listEvents(context, callerOf(request), filter, after, limit);
      if (page.next) {
        reply.header('link', nextLink('/events', query, writeCursor(page.next)));
      }
      return page.events.map(toJson);
    },
  );
};
