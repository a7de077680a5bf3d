import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import { batchedEventSchema } from './batch.ts';
import * as event from './event.ts';
import { liveSchema, readySchema } from './health.ts';
import { problemSchema } from './problem.ts';
import { previewedSchema, previewSchema } from './recurrence.ts';
import { warningSchema } from './warning.ts';

const components: readonly TSchema[] = [
  event.newEventSchema,
  event.replacedEventSchema,
  event.eventSchema,
  event.createdEventSchema,
  event.eventStatusSchema,
  event.statusSchema,
  event.gapSchema,
  event.overlapSchema,
  event.missedSchema,
  batchedEventSchema,
  warningSchema,
  previewSchema,
  previewedSchema,
  problemSchema,
  liveSchema,
  readySchema,
];

/** Makes the schemas that have a name known by it, to validation and to the description. */
export function addComponents(app: FastifyInstance): void {
  for (const component of components) {
    app.addSchema(component);
  }
}
