import type { Static } from 'typebox';
import type { batchedEventSchema } from '../rest/schemas/batch.ts';
import type { EventJson } from '../rest/schemas/event.ts';
import type { readySchema } from '../rest/schemas/health.ts';
import type { instancesQuerySchema } from '../rest/schemas/instances.ts';
import type { listQuerySchema } from '../rest/schemas/list.ts';
import type { previewedSchema, previewSchema } from '../rest/schemas/recurrence.ts';
import type { warningSchema } from '../rest/schemas/warning.ts';

/** The same fields; what is undefined is absent. */
export type OrUndefined<Fields> = {
  [Name in keyof Fields]: undefined extends Fields[Name] ? Fields[Name] | undefined : Fields[Name];
};

/** An event, a series or an instance as the scheduler knows it. */
export type SchedulerEvent = EventJson;

/** Something to know of a recurrence that was taken. */
export type Warning = Static<typeof warningSchema>;

/** What became of scheduling an event. */
export interface ScheduledEvent {
  readonly event: SchedulerEvent;
  /** false: it was known already */
  readonly created: boolean;
  readonly warnings: readonly Warning[];
}

/** What became of one event of a batch. */
export type BatchResult = Static<typeof batchedEventSchema>;

interface Range {
  /** inclusive */
  readonly from?: Date | string | undefined;
  /** exclusive */
  readonly to?: Date | string | undefined;
  /** events of a page, at most 1,000 */
  readonly limit?: number | undefined;
}

type Filter<Query> = Range & OrUndefined<Omit<Query, keyof Range | 'cursor'>>;

/** Which events to list; absent: whatever. */
export type EventFilter = Filter<Static<typeof listQuerySchema>>;

/** Which instances to list. */
export type InstanceFilter = Filter<Static<typeof instancesQuerySchema>>;

export type PreviewRequest = OrUndefined<Static<typeof previewSchema>>;
export type Preview = Static<typeof previewedSchema>;

/** How the API does, and what stands still. */
export type Readiness = Static<typeof readySchema>;
