import { type Static, Type } from 'typebox';
import { GREATEST_PAGE } from '../../api/query.ts';
import { newEventSchema } from './event.ts';
import { optional, ref, text } from './fields.ts';
import type { warningSchema } from './warning.ts';

const { scheduledAt, timezone, gap, overlap } = newEventSchema.properties;

/** Body of POST /recurrence/preview. */
export const previewSchema = Type.Object(
  {
    scheduledAt,
    timezone,
    recurrence: text(
      'RRULE, RDATE and EXDATE lines (RFC 5545), separated by newlines.',
      'RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=12',
    ),
    gap,
    overlap,
    from: optional(
      'RFC 3339 date-time: occurrences from this on. Default: from the first.',
      '2035-06-01T00:00:00Z',
    ),
    limit: Type.Optional(
      Type.Unsafe<number | null>({
        type: ['integer', 'null'],
        minimum: 1,
        maximum: GREATEST_PAGE,
        description: 'How many occurrences at most; default 100.',
        examples: [10],
      }),
    ),
  },
  {
    $id: 'RecurrenceToPreview',
    additionalProperties: false,
    description: 'A recurrence to try out.',
  },
);

/** Answer of POST /recurrence/preview. */
export const previewedSchema = Type.Object(
  {
    occurrences: Type.Array(Type.String({ format: 'date-time', description: 'In UTC.' })),
    complete: Type.Boolean({ description: 'Whether there are no more than these.' }),
    warnings: Type.Array(ref<Static<typeof warningSchema>>('Warning')),
  },
  { $id: 'RecurrencePreview', description: 'When a recurrence happens.' },
);
