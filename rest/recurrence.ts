import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Static } from 'typebox';
import type { ErrorCatalogue } from '../api/errors.ts';
import {
  check,
  finishInSlices,
  formatInstant,
  type Gap,
  type Instant,
  type Overlap,
  parse,
  RecurrenceError,
  Series,
  type Warning,
  type Zone,
  Zones,
} from '../recurrence/index.ts';
import { readDateTime } from './date-time.ts';
import { previewedSchema, previewSchema, problemSchema } from './schemas.ts';

export interface RecurrenceRoutesOptions {
  readonly errors: ErrorCatalogue;
  /** what counts as past, milliseconds since 1970; default: this machine's clock */
  readonly now?: () => number;
}

const answers = { '4xx': problemSchema, '5xx': problemSchema };
const GAPS: readonly string[] = ['shift', 'skip'] satisfies Gap[];
const OVERLAPS: readonly string[] = ['first', 'last', 'both'] satisfies Overlap[];
const DEFAULT_LIMIT = 100;
const GREATEST_LIMIT = 1_000;

/** What a recurrence means, before anything is stored. */
export const recurrenceRoutes: FastifyPluginAsyncTypebox<RecurrenceRoutesOptions> = async (
  app,
  { errors, now = Date.now },
) => {
  const zones = new Zones();
  app.post(
    '/recurrence/preview',
    { schema: { body: previewSchema, response: { 200: previewedSchema, ...answers } } },
    async ({ body }) => {
      const limit = readLimit(body.limit, errors);
      const { series, zone } = readSeries(body, zones, errors);
      const from = body.from ? readInstant(body.from, zone, 'from', errors) : BEGINNING;
      const warnings = await finishInSlices(check(series, now() / 1000)).catch(translate(errors));
      const page = await finishInSlices(series.between(from, Number.POSITIVE_INFINITY, limit));
      return {
        occurrences: page.occurrences.map(({ instant }) => formatInstant(instant)),
        complete: page.complete,
        warnings: warnings.map(toJson),
      };
    },
  );
};

const BEGINNING: Instant = Number.NEGATIVE_INFINITY;

function readSeries(body: Static<typeof previewSchema>, zones: Zones, errors: ErrorCatalogue) {
  const name = body.timezone || 'UTC';
  const zone = zones.get(name);
  if (!zone) {
    const detail = `${JSON.stringify(name.slice(0, 60))} is not known.`;
    throw errors.refusal('invalid_timezone', { field: 'timezone', detail });
  }
  const gap = readPolicy(body.gap, GAPS, 'gap', errors) as Gap | undefined;
  const overlap = readPolicy(body.overlap, OVERLAPS, 'overlap', errors) as Overlap | undefined;
  const start = readStart(body.scheduledAt, zone, errors);
  if (body.recurrence === '') {
    throw errors.refusal('invalid_recurrence', { field: 'recurrence', detail: 'It is missing.' });
  }
  try {
    const ruleSet = parse(body.recurrence);
    return { zone, series: new Series({ ruleSet, start, zone, zones, gap, overlap }) };
  } catch (error) {
    return translate(errors)(error);
  }
}

/** DTSTART: an instant becomes the wall time of its zone, which then repeats. */
function readStart(text: string, zone: Zone, errors: ErrorCatalogue): number {
  const start = readDateTime(text);
  if (typeof start === 'string') {
    throw errors.refusal('invalid_date_time', { field: 'scheduledAt', detail: start });
  }
  return start.type === 'wall' ? start.wall : zone.wallOf(start.instant);
}

function readInstant(text: string, zone: Zone, field: string, errors: ErrorCatalogue): Instant {
  const moment = readDateTime(text);
  if (typeof moment === 'string') {
    throw errors.refusal('invalid_date_time', { field, detail: moment });
  }
  return moment.type === 'instant'
    ? moment.instant
    : (zone.resolve(moment.wall, 'shift', 'first')[0] as Instant);
}

function readPolicy(
  value: string | null | undefined,
  known: readonly string[],
  field: string,
  errors: ErrorCatalogue,
): string | undefined {
  if (value && !known.includes(value)) {
    const detail = `${JSON.stringify(value.slice(0, 60))} is not one of ${known.join(', ')}.`;
    throw errors.refusal('invalid_policy', { field, detail });
  }
  return value || undefined;
}

function readLimit(limit: number | null | undefined, errors: ErrorCatalogue): number {
  const value = limit ?? DEFAULT_LIMIT;
  if (value < 1 || value > GREATEST_LIMIT) {
    const detail = `It is not between 1 and ${GREATEST_LIMIT}.`;
    throw errors.refusal('bad_request', { field: 'limit', detail });
  }
  return value;
}

/** Rethrows an error as what REST says about it. */
function translate(errors: ErrorCatalogue): (error: unknown) => never {
  return (error) => {
    throw error instanceof RecurrenceError
      ? errors.refusal('invalid_recurrence', { field: 'recurrence', detail: error.message })
      : error;
  };
}

function toJson(warning: Warning): Static<typeof previewedSchema>['warnings'][number] {
  if (warning.code === 'start_not_matching') {
    const detail = 'The rule does not match scheduledAt, which is therefore no occurrence.';
    return { code: warning.code, detail };
  }
  const count = warning.count ?? 'Too many to count';
  return { code: warning.code, detail: `${count} occurrences lie in the past.` };
}
