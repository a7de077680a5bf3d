import type { FastifyInstance } from 'fastify';

interface QuerySchema {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>;
}

/**
 * Parameters of a query arrive as texts: those that their schema calls integers, and that are written as one, become
 * numbers. Fastify would coerce bodies as well, where `"1"` is no number.
 */
export function readIntegers(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    const schema = request.routeOptions.schema?.querystring as QuerySchema | undefined;
    const query = request.query as Record<string, unknown>;
    for (const [name, { type }] of Object.entries(schema?.properties ?? {})) {
      const value = query[name];
      if (type === 'integer' && typeof value === 'string' && /^\d{1,15}$/.test(value)) {
        query[name] = Number(value);
      }
    }
  });
}
