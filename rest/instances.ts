import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { checkId } from '../api/events/read-event.ts';
import { callerOf } from '../api/identity/caller.ts';
import type { SeriesContext } from '../api/series/context.ts';
import { findInstance } from '../api/series/find-instance.ts';
import { readPage } from '../api/series/instance-page.ts';
import { readInstancesQuery } from '../api/series/instances-query.ts';
import { writeCursor } from '../api/series/position.ts';
import { readStoredSeries } from '../api/series/stored-series.ts';
import { toJson } from './event-json.ts';
import { nextLink } from './next-link.ts';
import { link, listAnswer, ofId, refusals } from './openapi/answers.ts';
import { linksOfFirstEvent } from './openapi/links.ts';
import { idSchema } from './schemas/event.ts';
import { instancesQuerySchema, instancesSchema } from './schemas/instances.ts';

/** The instances of a series, page by page. */
export const instanceRoutes: FastifyPluginAsyncTypebox<SeriesContext> = async (app, context) => {
  const { errors } = context;
  app.get(
    '/events/:id/instances',
    {
      schema: {
        operationId: 'listInstances',
        summary: 'List the instances of a series',
        description:
          'In the order of their current time, past and future, each with its own status; page by page.',
        tags: ['Events'],
        params: idSchema,
        querystring: instancesQuerySchema,
        response: {
          200: listAnswer(instancesSchema, 'A page of instances.', link),
          ...refusals(errors, ...ofId, 'invalid_event', 'invalid_date_time'),
        },
      },
      links: { 200: linksOfFirstEvent },
    },
    async (request, reply) => {
      const id = checkId(request.params.id, errors);
      const caller = callerOf(request);
      const series =
        id.type === 'event'
          ? await readStoredSeries(context, caller, id.id)
          : (await findInstance(context, caller, id)) && 'one-off';
      if (!series) {
        throw errors.refusal('not_found', { field: 'id', detail: id.id });
      }
      if (series === 'one-off') {
        const detail = 'It does not recur, so that it has no instances.';
        throw errors.refusal('bad_request', { field: 'id', detail });
      }
      const page = await readPage(
        context,
        caller,
        series,
        readInstancesQuery(request.query, series.occurrences.current.zone, errors),
      );
      if (page.next) {
        reply.header(
          'link',
          nextLink(`/events/${id.id}/instances`, request.query, writeCursor(page.next)),
        );
      }
      return page.events.map(toJson);
    },
  );
};
