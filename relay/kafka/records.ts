/** One message on its way to Kafka. */
export interface OutgoingRecord {
  readonly eventId: string;
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  /** Sent in this order. */
  readonly headers: Readonly<Record<string, string | Buffer>>;
}
