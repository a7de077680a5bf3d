import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ErrorCatalogue } from '../api/errors.ts';
import { previewRecurrence } from '../api/series/preview.ts';
import type { Timezones } from '../api/series/timezones.ts';
import { answer, body, ofBody, ofRecurrence, refusals } from './openapi/answers.ts';
import { previewedSchema, previewSchema } from './schemas/recurrence.ts';

export interface RecurrenceRoutesOptions {
  readonly errors: ErrorCatalogue;
  readonly timezones: Timezones;
  /** what counts as past, milliseconds since 1970; default: this machine's clock */
  readonly now?: () => number;
}

/** What a recurrence means, before anything is stored. */
export const recurrenceRoutes: FastifyPluginAsyncTypebox<RecurrenceRoutesOptions> = async (
  app,
  { errors, timezones, now = Date.now },
) => {
  app.post(
    '/recurrence/preview',
    {
      schema: {
        operationId: 'previewRecurrence',
        summary: 'Show what a recurrence means',
        description: 'Nothing is stored.',
        tags: ['Recurrences'],
        body: body(previewSchema),
        response: {
          200: answer(previewedSchema, 'When it happens.'),
          ...refusals(errors, ...ofBody, ...ofRecurrence),
        },
      },
    },
    ({ body: request }) => previewRecurrence(request, timezones, errors, now() / 1000),
  );
};
