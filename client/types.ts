import type { Static } from 'typebox';
import type { EventStatus } from '../api/events/event-status.ts';
import type { EventJson } from '../rest/schemas/event.ts';
import type { previewedSchema, previewSchema } from '../rest/schemas/recurrence.ts';

/** An event, a series or an instance as the scheduler knows it. */
export type SchedulerEvent = EventJson;

/** Something to know of a recurrence that was taken. */
export interface Warning {
  readonly code: string;
  readonly detail: string;
}

/** What became of scheduling an event. */
export interface ScheduledEvent {
  readonly event: SchedulerEvent;
  /** false: it was known already */
  readonly created: boolean;
  readonly warnings: readonly Warning[];
}

/** What became of one event of a batch. */
export interface BatchResult {
  readonly id: string;
  readonly status: EventStatus;
  /** false: it was known already */
  readonly created: boolean;
  readonly warnings?: readonly Warning[];
}

/** Which events to list; absent: whatever. */
export interface EventFilter {
  readonly status?: EventStatus | undefined;
  readonly destinationTopic?: string | undefined;
  /** of the scheduled instant: inclusive */
  readonly from?: Date | string | undefined;
  /** of the scheduled instant: exclusive */
  readonly to?: Date | string | undefined;
  /** exceptions of this series */
  readonly recurrenceId?: string | undefined;
  /** events of a page, at most 1,000 */
  readonly limit?: number | undefined;
}

/** Which instances to list. */
export interface InstanceFilter {
  /** inclusive */
  readonly from?: Date | string | undefined;
  /** exclusive */
  readonly to?: Date | string | undefined;
  /** instances of a page, at most 1,000 */
  readonly limit?: number | undefined;
}

export type PreviewRequest = Static<typeof previewSchema>;
export type Preview = Static<typeof previewedSchema>;

/** Answer of `GET /health/ready`. */
export interface Readiness {
  readonly status: string;
  readonly schemaVersion: number;
  readonly lastTick: string | null;
  /** those that stand still */
  readonly lanes: readonly {
    readonly lane: number;
    readonly quarantineReason: string | null;
    readonly quarantinedAt: string | null;
    readonly blockedByPids: readonly number[] | null;
  }[];
}
