import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { instantOf, readDateTime } from '../api/date-time.ts';
import type { ErrorCatalogue } from '../api/errors.ts';
import { checkRecurrence } from '../api/series/given-recurrence.ts';
import type { Timezones } from '../api/series/timezones.ts';
import { describeWarnings } from '../api/series/warnings.ts';
import { finishInSlices, formatInstant, type Instant, type Zone } from '../recurrence/index.ts';
import { answer, body, ofBody, ofRecurrence, refusals } from './openapi/answers.ts';
import { previewedSchema, previewSchema } from './schemas/recurrence.ts';

export interface RecurrenceRoutesOptions {
  readonly errors: ErrorCatalogue;
  readonly timezones: Timezones;
  /** what counts as past, milliseconds since 1970; default: this machine's clock */
  readonly now?: () => number;
}

const DEFAULT_LIMIT = 100;
const GREATEST_LIMIT = 1_000;

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
    async ({ body }) => {
      const limit = readLimit(body.limit, errors);
      if (body.recurrence === '') {
        throw errors.refusal('invalid_recurrence', {
          field: 'recurrence',
          detail: 'It is missing.',
        });
      }
      const { series, warnings } = await checkRecurrence(body, timezones, errors, now() / 1000);
      const from = body.from ? readFrom(body.from, series.zone, errors) : BEGINNING;
      const page = await finishInSlices(series.between(from, Number.POSITIVE_INFINITY, limit));
      return {
        occurrences: page.occurrences.map(({ instant }) => formatInstant(instant)),
        complete: page.complete,
        warnings: describeWarnings(warnings),
      };
    },
  );
};

const BEGINNING: Instant = Number.NEGATIVE_INFINITY;

/** Seconds; a wall time is in the zone. */
function readFrom(text: string, zone: Zone, errors: ErrorCatalogue): number {
  const moment = readDateTime(text);
  if (typeof moment === 'string') {
    throw errors.refusal('invalid_date_time', { field: 'from', detail: moment });
  }
  return instantOf(moment, zone, 'first') + moment.micros / 1e6;
}

function readLimit(limit: number | null | undefined, errors: ErrorCatalogue): number {
  const value = limit ?? DEFAULT_LIMIT;
  if (value < 1 || value > GREATEST_LIMIT) {
    const detail = `It is not between 1 and ${GREATEST_LIMIT}.`;
    throw errors.refusal('bad_request', { field: 'limit', detail });
  }
  return value;
}
