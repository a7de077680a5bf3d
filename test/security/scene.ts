import { randomUUID } from 'node:crypto';
import { type Json, type TestApi, testApi } from '../api/harness.ts';
import { each, Relay } from '../db/lanes.ts';
import { type Login, Logins } from '../db/logins.ts';
import { batch, connect, replacement, type Session } from '../db/session.ts';
import { makeKey, now, TokenIssuer } from '../harness/token-issuer.ts';

/** Who tries. `own` created the event; `none` says nothing about itself, the last three something untrue. */
export const identities = [
  'own',
  'other',
  'reader',
  'operator',
  'none',
  'forged',
  'expired',
  'audience',
] as const;
export type Who = (typeof identities)[number];

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

export interface Scene {
  readonly api: TestApi;
  readonly dba: Session;
  /** what identifies a caller over HTTP */
  readonly headers: Readonly<Record<Who, Record<string, string>>>;
  /** connections of login roles; who says something untrue gets none */
  readonly logins: Readonly<Record<'own' | 'other' | 'reader' | 'operator' | 'none', Login>>;
  readonly ofTokens: Estate;
  readonly ofLogins: Estate;
  /** ids of the events that nobody may have changed */
  readonly shared: readonly string[];
  close(): Promise<void>;
}

const json = { 'content-type': 'application/json' };

/** A server with identities of every kind, and events of theirs in every state. */
export async function makeScene(): Promise<Scene> {
  const issuer = await TokenIssuer.start();
  const api = await testApi({ tokens: issuer.settings() });
  const dba = await connect(api.database.url);
  await dba.rows('select scheduler.set_lane_count(1)');

  const forger = await makeKey('ES256');
  const token = async (...claims: Parameters<TokenIssuer['token']>) => ({
    ...json,
    ...(await issuer.headers(...claims)),
  });
  const boss = { sub: 'boss', scheduler_role: 'operator' };
  const headers = {
    own: await token({ sub: 'alice' }),
    other: await token({ sub: 'bob' }),
    reader: await token({ sub: 'rita', scheduler_role: 'reader' }),
    operator: await token(boss),
    none: json,
    forged: await token(boss, {}, forger.privateKey),
    expired: await token({ ...boss, exp: now() - 600 }),
    audience: await token({ ...boss, aud: 'another' }),
  };

  const makeLogins = new Logins(dba, api.database.url);
  const logins = {
    own: await makeLogins.make('scheduler_producer'),
    other: await makeLogins.make('scheduler_producer'),
    reader: await makeLogins.make('scheduler_reader'),
    operator: await makeLogins.make('scheduler_operator'),
    none: await makeLogins.make(),
  };
  const granted = ['corp:alice', 'corp:bob', 'corp:boss', 'corp:rita'].concat(
    Object.values(logins).map(({ identity }) => identity),
  );
  await each(granted, (identity) =>
    dba.rows(`select scheduler.grant_topic($1, 'free', true)`, [identity]),
  );

  const [ofTokens, ofLogins] = [drafts(), drafts()];
  await dba.rows('begin');
  await dba.actingAs('corp:alice', 'producer', () =>
    dba.rows(...batch(ofTokens.map(({ event }) => toColumns(event)))),
  );
  await dba.rows('commit');
  await logins.own.session.rows(...batch(ofLogins.map(({ event }) => toColumns(event))));
  await bringIntoStates(dba, [...ofTokens, ...ofLogins]);
  await dba.rows('begin');
  await dba.actingAs('corp:alice', 'producer', () => makeExceptions(dba, ofTokens));
  await dba.rows('commit');
  await makeExceptions(logins.own.session, ofLogins);

  return {
    api,
    dba,
    headers,
    logins,
    ofTokens: estate(ofTokens),
    ofLogins: estate(ofLogins),
    shared: states.flatMap((state) =>
      [ofTokens, ofLogins].map((all) => all.find((draft) => draft.state === state)?.event.id ?? ''),
    ),
    close: async () => {
      await makeLogins.drop();
      await dba.client.end();
      await api.close();
      await issuer.close();
    },
  };
}

interface Draft {
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
function drafts(): Draft[] {
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

function estate(all: readonly Draft[]): Estate {
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

async function makeExceptions(session: Session, all: readonly Draft[]): Promise<void> {
  await each(
    all.filter(({ state }) => state === 'exception').map(({ event }) => instanceOf(event)),
    ({ id, event }) => session.rows(...replacement(id, toColumns(event))),
  );
}

async function bringIntoStates(dba: Session, all: readonly Draft[]): Promise<void> {
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
