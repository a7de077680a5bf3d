import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { type Api, startApi } from '../../api/server.ts';
import { createLog } from '../../runtime/log.ts';
import type { HttpSettings } from '../../settings/http.ts';
import type { TokenSettings } from '../../settings/identity.ts';
import { openPool, type TestDatabase, testDatabase } from '../harness/database.ts';
import { DescriptionCheck } from './description.ts';

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Json;
}

export interface TestApi {
  readonly api: Api;
  readonly database: TestDatabase;
  /** as DBA */
  readonly dba: pg.Pool;
  /** lines of the log */
  readonly log: string[];
  /** One request; a body that is no string is sent as JSON. Its answer must be as the API describes it. */
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** One GraphQL request. */
  graphql(query: string, variables?: Json): Promise<Json>;
  close(): Promise<void>;
}

export interface TestApiOptions {
  readonly anonymousIdentity?: string;
  readonly tokens?: TokenSettings;
  readonly http?: Partial<HttpSettings>;
  /** another API on the database of a first one */
  readonly database?: TestDatabase;
}

/** The API on a free port, on a database of its own unless one is given. */
export async function testApi(options: TestApiOptions = {}): Promise<TestApi> {
  const database = options.database ?? (await testDatabase());
  const dba = openPool({ connectionString: database.url });
  const log: string[] = [];
  const api = await startApi({
    databaseUrl: database.apiUrl,
    host: '127.0.0.1',
    port: 0,
    identity: { anonymousIdentity: options.anonymousIdentity, tokens: options.tokens },
    http: options.http ?? {},
    log: createLog('api', 'debug', { write: (line) => log.push(line) }),
  });
  const description = await DescriptionCheck.load(api.rest);
  const request: TestApi['request'] = async (method, path, body, headers) => {
    const answer = await send(`${api.rest}${path}`, method, body, headers);
    description.check(method, path, answer);
    return answer;
  };
  return {
    api,
    database,
    dba,
    log,
    request,
    graphql: async (query, variables) =>
      (await request('POST', '/graphql', { query, variables })).json,
    close: async () => {
      await api.close();
      await dba.end();
      if (!options.database) {
        await database.drop();
      }
    },
  };
}

/** @param headers replace those that a body would get */
export async function send(
  url: string,
  method: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: headers ?? (body === undefined ? {} : { 'content-type': 'application/json' }),
    body: isRaw ? ((body ?? null) as string | null) : JSON.stringify(body),
  });
  const text = await response.text();
  const json = text === '' ? {} : (JSON.parse(text) as Json);
  return { status: response.status, headers: response.headers, json };
}

/** A creation that is legal, with an id of its own. */
export function newEvent(fields: Json = {}): Json & { id: string } {
  return {
    id: randomUUID(),
    scheduledAt: '2030-01-01T00:00:00Z',
    payload: 'aGVsbG8=',
    destinationTopic: 'a-destination-topic',
    ...fields,
  };
}
