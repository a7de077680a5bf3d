import './production.ts';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { postgraphile } from 'postgraphile';
import { grafserv } from 'postgraphile/grafserv/fastify/v5';
import type { EventsContext } from '../api/events/context.ts';
import { type Authenticator, identify } from '../api/identity/authenticator.ts';
import { DOCUMENT_LIMIT, documentTooLong } from './limits.ts';
import { makeMaskError } from './mask-error.ts';
import { makePreset } from './preset.ts';
import { Subscriptions } from './subscriptions/subscriptions.ts';

export interface GraphqlOptions {
  readonly pool: Pool;
  /** DSN of the pool, for a connection that listens */
  readonly databaseUrl: string;
  readonly events: EventsContext;
  readonly authenticator: Authenticator;
  readonly log: Logger;
  /** bytes */
  readonly bodyLimit: number;
}

/** Open at a time, whoever they are: nobody is known before the first message. */
const MOST_WEBSOCKETS = 5_000;
/** Close code: the server goes away (RFC 6455 §7.4.1). */
const GOING_AWAY = 1001;

/**
 * Serves PostGraphile at /graphql, over HTTP and websockets, and its explorer at /graphiql in local mode.
 * @returns releases what it holds, the pool excepted
 * @throws Error when the schema cannot be built from the database
 */
export async function addGraphql(
  app: FastifyInstance,
  options: GraphqlOptions,
): Promise<() => Promise<void>> {
  const { pool, events, authenticator, log, bodyLimit } = options;
  const { errors, series } = events;
  const subscriptions = series && new Subscriptions({ ...options, events: { ...events, series } });
  const maskError = makeMaskError(errors, log);
  const explorer = authenticator.mode === 'local';
  const pgl = postgraphile(
    makePreset({ pool, events, authenticator, subscriptions, explorer, bodyLimit, maskError }),
  );
  await app.register(websocket, { options: { maxPayload: bodyLimit }, preClose: sayGoodbye });
  const askWhoCalls = identify(authenticator);
  app.addHook('onRequest', async (request) => {
    // A websocket says it in its first message, see the context of the preset.
    if (!request.ws) await askWhoCalls(request);
    else if (app.websocketServer.clients.size >= MOST_WEBSOCKETS) {
      const detail = `This server has ${MOST_WEBSOCKETS} websockets already.`;
      throw errors.refusal('too_many_subscriptions', { detail });
    }
  });
  app.addHook('onRequest', async ({ ws, method, routeOptions }) => {
    if (!ws && method === 'GET' && routeOptions.url === '/graphql') {
      const detail = 'GET opens a websocket; queries are POSTed.';
      throw errors.refusal('method_not_allowed', { detail, headers: { allow: 'POST' } });
    }
  });
  app.addHook('preHandler', async (request) => {
    const document = (request.body as { query?: unknown } | null | undefined)?.query;
    if (typeof document === 'string' && document.length > DOCUMENT_LIMIT) {
      throw documentTooLong(errors);
    }
  });
  // Before the connections that its streams end with are waited for.
  app.addHook('preClose', async () => subscriptions?.close());
  const server = pgl.createServ(grafserv);
  await server.addTo(app);
  // Built now, so that a start fails if it fails, and not the first request.
  await pgl.getSchema();
  await server.ready();
  return async () => {
    await pgl.release();
    for (const service of pgl.getResolvedPreset().pgServices ?? []) {
      await service.release?.();
    }
  };
}

function sayGoodbye(this: FastifyInstance, done: () => void): void {
  for (const client of this.websocketServer.clients) {
    client.close(GOING_AWAY, 'The server stops.');
  }
  this.websocketServer.close(done);
}
