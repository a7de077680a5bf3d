import type { EventStatus } from './event-status.ts';
import type { Gap, Missed, Overlap } from './policies.ts';

/** An event, a series or an instance as `scheduler.events` has it. Moments are RFC 3339 text. */
export interface EventRow {
  readonly id: string;
  readonly scheduledAt: string;
  readonly scheduledInstant: string;
  readonly timezone: string;
  /** null for readers */
  readonly payload: Buffer | null;
  readonly destinationTopic: string;
  readonly endsAt: string | null;
  readonly recurrence: string | null;
  readonly gap: Gap;
  readonly overlap: Overlap | null;
  readonly missed: Missed | null;
  readonly maxLateness: string | null;
  readonly key: string | null;
  readonly headers: Record<string, string> | null;
  readonly status: EventStatus;
  readonly retry: number;
  readonly lastError: string | null;
  readonly recurrenceId: string | null;
  /** place of an instance in its series; null: it is none, or counting would take too long */
  readonly occurrence: number | null;
  readonly owner: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly publishedAt: string | null;
  readonly nextAt: string | null;
}
