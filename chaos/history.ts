/**
 * What happened in one round, as seen from outside: by those who called, by those who read the
 * topics, and by a trigger of the harness. The oracle judges it and knows nothing else.
 * Every time is in ms since the epoch by the one clock that Postgres, callers and readers share.
 */
export interface History {
  /** replays the round's plan */
  readonly seed: string;
  readonly round: number;
  /** what was due by then has had its time: the harness waited until it was final, or gave up */
  readonly dueBy: number;
  /** header ce_source of an event whose caller gave none */
  readonly ceSource: string;
  readonly operations: readonly Operation[];
  /** what a live read_committed consumer got, in the order of arrival */
  readonly deliveries: readonly Delivery[];
  /** what is on the topics at the end, as Kafka's own consumer reads them, read_committed */
  readonly log: readonly LogRecord[];
  /** every change of a row of events, from a trigger of the harness, in order */
  readonly audit: readonly AuditEntry[];
  /** every event that the database has at the end */
  readonly rows: readonly FinalRow[];
  readonly lanes: readonly FinalLane[];
  readonly incidents: readonly Incident[];
  readonly topics: readonly TopicFacts[];
  /** programs that ended although nobody ended them */
  readonly deaths: readonly Death[];
  /** null: the database was not set back */
  readonly restoration: Restoration | null;
}

/** What an event says; a change makes another version of it. */
export interface EventVersion {
  readonly topic: string;
  readonly key: string | null;
  /** base64 */
  readonly payload: string;
  /** the caller's own */
  readonly headers: Readonly<Record<string, string>>;
  /** when it is due; microseconds are a fraction. Of a series: its start, in whole seconds */
  readonly instant: number;
  /** of a series; an event that is none has none */
  readonly rule?: Rule;
}

/** When a series recurs: so simple that nobody needs the scheduler to know its occurrences. */
export interface Rule {
  /** s */
  readonly interval: number;
  readonly count: number;
  /** starts that are left out; they count */
  readonly excluded: readonly number[];
}

export interface Operation {
  readonly kind: 'create' | 'replace' | 'cancel';
  readonly door: 'rest' | 'sql';
  /** of an event, a series, or an instance of one: `<series>_<original start>` */
  readonly id: string;
  /** of create and replace: what was asked for */
  readonly version: EventVersion | null;
  /** called */
  readonly from: number;
  /** answered, or given up */
  readonly to: number;
  /**
   * `refused`: the scheduler said that it did nothing. `unknown`: no answer, or one that does not
   * tell (connection cut, 5xx): it may have taken effect, may take effect until the round's end, or
   * never.
   */
  readonly outcome: 'ok' | 'refused' | 'unknown';
  /** the refusal's, such as `in_flight` */
  readonly code: string | null;
}

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** base64 */
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
  /** as the producer wrote it */
  readonly timestamp: number;
}

export interface Delivery extends LogRecord {
  /** when the consumer had it */
  readonly at: number;
}

type Status = 'SCHEDULED' | 'PUBLISHED' | 'CANCELED' | 'FAILED';

export interface AuditedState {
  readonly status: Status;
  readonly retry: number;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: number;
  /** null: it was inserted */
  readonly before: AuditedState | null;
  /** null: it was deleted */
  readonly after: AuditedState | null;
}

export interface FinalRow extends EventVersion {
  readonly id: string;
  readonly status: Status;
  readonly retry: number;
  readonly lastError: string | null;
  /** of a series; null: it is none */
  readonly recurrence: string | null;
  readonly publishedAt: number | null;
  /** rejected attempts, oldest first */
  readonly attempts: readonly { readonly at: number; readonly code: string }[];
}

export interface FinalLane {
  readonly lane: number;
  /** null: not quarantined */
  readonly quarantineReason: string | null;
  readonly openBatch: string | null;
}

/** A fault that was done, from its beginning to when it was undone. */
export interface Incident {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  /** what exactly: which relay, which step, which broker */
  readonly detail: string;
  /** what should have followed and did not; null: all as it should be */
  readonly missed: string | null;
}

/**
 * What the harness knows of a destination: `steady` takes everything; `narrow` refuses messages above
 * `maxBytes`; `missing` never exists; `fleeting` is deleted and created again in the round.
 */
export interface TopicFacts {
  readonly topic: string;
  readonly kind: 'steady' | 'narrow' | 'missing' | 'fleeting';
  /** of `narrow`: the topic's max.message.bytes */
  readonly maxBytes: number | null;
  /**
   * Of `fleeting`: when it was not there, from the moment at which the live reader of the old one
   * began its last drain (what is committed later may go unseen) until the new one was served.
   */
  readonly absent: readonly { readonly from: number; readonly to: number }[];
}

export interface Death {
  readonly at: number;
  /** which program, and how */
  readonly how: string;
}

/** After everything else the database was set back to a copy from some seconds before. */
export interface Restoration {
  readonly at: number;
  readonly lanes: readonly {
    readonly lane: number;
    /** it had published since the copy was taken */
    readonly movedOn: boolean;
    /** it stands still until an operator decides */
    readonly quarantined: boolean;
  }[];
  /** what is on the topics some seconds later */
  readonly log: readonly LogRecord[];
}
