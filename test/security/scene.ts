import { type TestApi, testApi } from '../api/harness.ts';
import { each } from '../db/lanes.ts';
import { type Login, Logins } from '../db/logins.ts';
import { batch, connect, type Session } from '../db/session.ts';
import { makeKey, now, TokenIssuer } from '../harness/token-issuer.ts';
import {
  bringIntoStates,
  drafts,
  type Estate,
  estate,
  makeExceptions,
  states,
  toColumns,
} from './states.ts';

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
