import { randomUUID } from 'node:crypto';
import type { Json } from '../api/harness.ts';
import { each, Relay } from '../db/lanes.ts';
import { replacement, type Session } from '../db/session.ts';

export const states = [
  'SCHEDULED',
  'in flight',
  'PUBLISHED',
  'CANCELED',
  'FAILED',
  'series',
  'instance',
  'exception',
] as const;
export type State = (typeof states)[number];

/** What an operation is tried on: an event as it was created, under the names of REST. */
export interface Subject {
  readonly id: string;
  readonly event: Json;
}

/** Events of one identity in every state. */
export class Estate {
  readonly #subjects: ReadonlyMap<State, Subject[]>;

  constructor(subjects: ReadonlyMap<State, Subject[]>) {
    this.#subjects = subjects;
  }

  /** One that several may try: what they try is refused or changes nothing. */
  shared(state: State): Subject {
    return this.#subjects.get(state)?.[0] as Subject;
  }

  /** One of its own, to be changed. */
  fresh(state: State): Subject {
    const subjects = this.#subjects.get(state) ?? [];
    const subject = subjects.length > 1 ? subjects.pop() : undefined;
    if (!subject) throw new Error(`there are too few events that are ${state}`);
    return subject;
  }
}

export interface Draft {
  readonly state: State;
  readonly event: Json & { readonly id: string };
}

/** When events of a state are due, for the clock that the relay of the scene is told. */
const due: Record<State, string> = {
  PUBLISHED: '2090-01-01T00:00:00Z',
  FAILED: '2091-01-01T00:00:00Z',
  'in flight': '2092-01-01T00:00:00Z',
  SCHEDULED: '2099-01-01T00:00:00Z',
  CANCELED: '2099-01-01T00:00:00Z',
  series: '2099-01-01T00:00:00Z',
  instance: '2099-01-01T00:00:00Z',
  exception: '2099-01-01T00:00:00Z',
};

const final: readonly State[] = ['in flight', 'PUBLISHED', 'CANCELED', 'FAILED'];
const ofSeries: readonly State[] = ['series', 'instance', 'exception'];

/** As many as the operations change that are allowed; what cannot be changed needs one only. */
export function drafts(): Draft[] {
  return states.flatMap((state) =>
    Array.from({ length: final.includes(state) ? 1 : 10 }, () => ({
      state,
      event: {
        id: randomUUID(),
        scheduledAt: due[state],
        payload: Buffer.from('secret payload').toString('base64'),
        destinationTopic: 'free',
        key: 'secret key',
        headers: { a: 'secret header' },
        ...(ofSeries.includes(state) ? { recurrence: 'RRULE:FREQ=DAILY' } : {}),
      },
    })),
  );
}

/** An event of REST with the names and types of SQL. */
export function toColumns({
  scheduledAt,
  destinationTopic,
  payload,
  headers,
  ...event
}: Json): Json {
  return {
    ...event,
    scheduled_at: scheduledAt,
    destination_topic: destinationTopic,
    payload: Buffer.from(String(payload), 'base64'),
    headers: JSON.stringify(headers),
  };
}

export function estate(all: readonly Draft[]): Estate {
  const subjects = Map.groupBy(all, ({ state }) => state);
  return new Estate(
    new Map(
      [...subjects].map(([state, ofState]) => [
        state,
        ofState.map(({ event }) =>
          state === 'instance' || state === 'exception'
            ? instanceOf(event)
            : { id: event.id, event },
        ),
      ]),
    ),
  );
}

/** The second day of a series, as it would be replaced. */
function instanceOf({ recurrence: _, ...series }: Draft['event']): Subject {
  const id = `${series.id}_20990102T000000Z`;
  return { id, event: { ...series, id, scheduledAt: '2099-01-02T00:00:00Z' } };
}

export async function makeExceptions(session: Session, all: readonly Draft[]): Promise<void> {
  await each(
    all.filter(({ state }) => state === 'exception').map(({ event }) => instanceOf(event)),
    ({ id, event }) => session.rows(...replacement(id, toColumns(event))),
  );
}

export async function bringIntoStates(dba: Session, all: readonly Draft[]): Promise<void> {
  const relay = new Relay(dba);
  const lane = await relay.laneOf(all[0]?.event.id ?? '');
  const idsOf = (state: State) =>
    all.filter((draft) => draft.state === state).map(({ event }) => event.id);
  const claim = (now: string) => relay.batch(lane, { now });

  await dba.rows('select scheduler.cancel_event(id) from unnest($1::text[]) id', [
    idsOf('CANCELED'),
  ]);
  const instant = Date.parse(due.series) / 1_000;
  const pending = [0, 86_400].map((after) => ({
    instant: instant + after,
    wall: instant + after,
    secondPass: false,
    revision: 1,
  }));
  const nothing = { settled: [], dropped: [], passed: null, judgedUntil: null, error: null };
  // Some at a time, as relays do.
  for (;;) {
    const marked = await relay.toExpand(lane, due.series);
    if (marked.length === 0) break;
    await relay.storeOccurrences(
      lane,
      marked.map(({ id, version }) => ({ id, version, pending, exhausted: false, ...nothing })),
    );
  }

  await relay.confirm(lane, await claim(due.PUBLISHED), due.PUBLISHED);
  for (const day of ['01', '02', '03']) {
    const now = due.FAILED.replace('-01T', `-${day}T`);
    await relay.reject(lane, await claim(now), idsOf('FAILED'), { now });
  }
  await claim(due['in flight']);
}
