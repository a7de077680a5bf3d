import type { Logger } from 'pino';
import type { Zones } from '../recurrence/index.ts';
import type { PublisherDeps, PublisherStep } from './kafka/publisher.ts';
import type { TopicCheck } from './kafka/topics.ts';
import type { ClaimedEvent, LaneDatabase } from './lane-database.ts';
import { LaneQuarantinedError } from './lane-errors.ts';

/** A step of a lane at which tests may stop it; `claiming`: the claim is sent next. */
export type LaneStep = 'claiming' | 'claimed' | PublisherStep | 'confirmed';

/** What a lane works with. */
export interface LaneContext {
  readonly lane: number;
  readonly database: LaneDatabase;
  readonly publishing: PublisherDeps;
  readonly topics: TopicCheck;
  /** of all lanes */
  readonly zones: Zones;
  /** most events of a batch */
  readonly batchEvents: number;
  /** seconds between looks for due work when nothing wakes the lane */
  readonly poll: number;
  readonly log: Logger;
  /** gives up at once, whatever is in flight */
  readonly aborted: AbortSignal;
  /** Says what Kafka refuses until a person mends it; null: nothing any more. */
  readonly onTrouble: (trouble: string | null) => void;
  readonly onStep?: ((step: LaneStep) => void | Promise<void>) | undefined;
}

/** An open batch and its content, which cannot change while the batch is open. */
export interface Batch {
  readonly id: string;
  readonly events: readonly ClaimedEvent[];
  /** why the broker refused it, if it did */
  readonly refusal: Refusal | null;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** ids of the events that it was certainly about; none: one of the batch, or more */
  readonly culprits: readonly string[];
}

/** Stops the lane until an operator decides. Always throws. */
export async function quarantine(context: LaneContext, reason: string): Promise<never> {
  await context.database.quarantine(reason);
  context.log.error({ reason }, 'lane quarantined: scheduler.resolve_quarantine decides');
  throw new LaneQuarantinedError(context.lane, reason);
}
