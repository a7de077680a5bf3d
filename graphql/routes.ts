import './production.ts';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { postgraphile } from 'postgraphile';
import { grafserv } from 'postgraphile/grafserv/fastify/v5';
import type { EventsContext } from '../api/events/context.ts';
import { DOCUMENT_LIMIT } from './limits.ts';
import { makeMaskError } from './mask-error.ts';
import { makePreset } from './preset.ts';

export interface GraphqlOptions {
  readonly pool: Pool;
  readonly events: EventsContext;
  readonly log: Logger;
  readonly explorer: boolean;
  /** bytes */
  readonly bodyLimit: number;
}

/**
 * Serves PostGraphile at /graphql, and its explorer at /graphiql if asked to.
 * @returns releases what it holds, the pool excepted
 * @throws Error when the schema cannot be built from the database
 */
export async function addGraphql(
  app: FastifyInstance,
  { pool, events, log, explorer, bodyLimit }: GraphqlOptions,
): Promise<() => Promise<void>> {
  const { errors } = events;
  const maskError = makeMaskError(errors, log);
  const pgl = postgraphile(makePreset({ pool, events, explorer, bodyLimit, maskError }));
  // Each alias of a document is a query of its own: an unbounded document is unbounded work.
  app.addHook('preHandler', async (request) => {
    const document = (request.body as { query?: unknown } | null | undefined)?.query;
    if (typeof document === 'string' && document.length > DOCUMENT_LIMIT) {
      const detail = `A GraphQL document has at most ${DOCUMENT_LIMIT} characters; put data into variables.`;
      throw errors.refusal('body_too_large', { field: 'query', detail });
    }
  });
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
