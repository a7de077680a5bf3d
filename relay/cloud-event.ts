import type { OutgoingRecord } from './kafka/records.ts';
import type { ClaimedEvent } from './lane-database.ts';

/**
 * The Kafka message of an event: CloudEvents headers in binary mode (Kafka protocol binding 3.2),
 * then the caller's own.
 */
export function toRecord(event: ClaimedEvent): OutgoingRecord {
  return {
    eventId: event.id,
    topic: event.topic,
    key: event.key ?? event.id,
    value: event.payload,
    headers: {
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_source: event.ceSource,
      ce_type: 'scheduler.event',
      ce_time: event.scheduledAt,
      ...event.headers,
    },
  };
}
