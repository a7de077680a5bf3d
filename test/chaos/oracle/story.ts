import type {
  AuditEntry,
  AuditedState,
  Delivery,
  EventVersion,
  FinalRow,
  History,
  Incident,
  LogRecord,
  Operation,
  TopicFacts,
} from '../../../chaos/history.ts';
import { type Evidence, evidenceOf } from '../../../chaos/oracle/cases.ts';

/** Part of a history that is written by hand. */
export type Part = Partial<History>;

type ListName = Exclude<
  keyof History,
  'seed' | 'round' | 'dueBy' | 'ceSource' | 'restoration' | 'topics'
>;

/** ms since the epoch at which every story begins */
export const T = 1_700_000_000_000;
const SOURCE = '/scheduler/story';

const topics: TopicFacts[] = [
  { topic: 'steady', kind: 'steady', maxBytes: null, absent: [] },
  { topic: 'narrow', kind: 'narrow', maxBytes: 2_000, absent: [] },
  { topic: 'missing', kind: 'missing', maxBytes: null, absent: [] },
  {
    topic: 'fleeting',
    kind: 'fleeting',
    maxBytes: null,
    absent: [{ from: T + 5_000, to: T + 6_000 }],
  },
];

/** Puts parts together; what none of them says is empty. */
export function history(...parts: Part[]): Evidence {
  const all = <Name extends ListName>(name: Name): History[Name] =>
    parts.flatMap((part): readonly unknown[] => part[name] ?? []) as unknown as History[Name];
  return evidenceOf({
    seed: 'story',
    round: 1,
    dueBy: T + 20_000,
    ceSource: SOURCE,
    operations: all('operations'),
    deliveries: all('deliveries'),
    log: all('log'),
    audit: all('audit'),
    rows: all('rows'),
    lanes: all('lanes'),
    incidents: all('incidents'),
    topics,
    deaths: all('deaths'),
    restoration: parts.find((part) => part.restoration)?.restoration ?? null,
  });
}

export function version(more: Partial<EventVersion> = {}): EventVersion {
  return {
    topic: 'steady',
    key: null,
    payload: 'aGVsbG8=',
    headers: {},
    instant: T + 1_000,
    ...more,
  };
}

/** A create that was answered ok, unless told otherwise. */
export function operation(id: string, more: Partial<Operation> = {}): Operation {
  const kind = more.kind ?? 'create';
  return {
    kind,
    door: 'rest',
    id,
    version: kind === 'cancel' ? null : version(),
    from: T,
    to: T + 10,
    outcome: 'ok',
    code: null,
    ...more,
  };
}

export function row(id: string, more: Partial<FinalRow> = {}): FinalRow {
  const status = more.status ?? 'PUBLISHED';
  return {
    id,
    ...version(),
    status,
    retry: more.attempts?.length ?? 0,
    lastError: null,
    recurrence: null,
    publishedAt: status === 'PUBLISHED' ? T + 1_020 : null,
    attempts: [],
    ...more,
  };
}

export function record(id: string, more: Partial<LogRecord> = {}, of = version()): LogRecord {
  return {
    topic: of.topic,
    partition: 0,
    offset: 0,
    key: of.key ?? id,
    payload: of.payload,
    timestamp: of.instant + 5,
    ...more,
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: SOURCE,
      ce_type: 'scheduler.event',
      ce_time: new Date(of.instant).toISOString(),
      ...of.headers,
      ...more.headers,
    },
  };
}

export function delivered(record: LogRecord, at = record.timestamp + 10): Delivery {
  return { ...record, at };
}

/** Entries from nothing through one state after another. */
export function audit(id: string, ...states: (AuditedState | null)[]): AuditEntry[] {
  return states.map((after, i) => ({
    id,
    at: T + 5 + i * 1_015,
    before: states[i - 1] ?? null,
    after,
  }));
}

export function state(status: AuditedState['status'], retry = 0): AuditedState {
  return { status, retry };
}

export function incident(kind: string, from: number, to: number): Incident {
  return { kind, from, to, detail: 'somewhere', missed: null };
}

/** An event to which happened what should: created, published at its instant, delivered. */
export function published(id: string, of = version(), more: Partial<LogRecord> = {}): Part {
  const one = record(id, more, of);
  return {
    operations: [operation(id, { version: of })],
    rows: [row(id, { ...of, publishedAt: one.timestamp + 15 })],
    log: [one],
    deliveries: [delivered(one)],
    audit: audit(id, state('SCHEDULED'), state('PUBLISHED')),
  };
}
