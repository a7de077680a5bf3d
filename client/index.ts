/**
 * The TypeScript client of the Event Scheduler: `event-scheduler/client`. Of the runtime it needs
 * `fetch` and other web standards, nothing of Node.
 *
 * @example
 * const client = new SchedulerClient({ baseUrl: 'http://localhost:8080' });
 * const event = createSchedulableEvent({ scheduledAt, payload, destinationTopic });
 * await client.schedule(event);
 */
export type { EventStatus } from '../api/events/event-status.ts';
export { decodePayload } from './base64.ts';
export {
  type BatchOptions,
  type ChangeOptions,
  SchedulerClient,
  type WaitOptions,
} from './client.ts';
export {
  ConflictError,
  InvalidRequestError,
  NotAllowedError,
  NotFoundError,
  SchedulerError,
  UnavailableError,
} from './errors.ts';
export {
  createSchedulableEvent,
  type EventToSchedule,
  type Payload,
  type SchedulableEvent,
} from './event.ts';
export type { CallOptions, TransportOptions } from './transport.ts';
export type {
  BatchResult,
  EventFilter,
  InstanceFilter,
  Preview,
  PreviewRequest,
  Readiness,
  ScheduledEvent,
  SchedulerEvent,
  Warning,
} from './types.ts';
