import type { FastifyInstance } from 'fastify';
import type { ErrorCatalogue } from '../api/errors.ts';

/**
 * Collects the routes that are registered after this call.
 * @returns registers, for every known path, OPTIONS, and 405 for the methods it does not have, both with Allow
 */
export function collectMethods(app: FastifyInstance, errors: ErrorCatalogue): () => void {
  const known = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method, schema }) => {
    // Pages to read are no part of the API.
    if (schema?.hide) return;
    known.set(url, new Set([...(known.get(url) ?? []), ...[method].flat()]));
  });
  return () => {
    for (const [url, methods] of [...known]) {
      const allowed = new Set([...methods, 'OPTIONS']);
      const allow = [...allowed].sort().join(', ');
      app.route({
        url,
        schema: { hide: true },
        method: 'OPTIONS',
        handler: async (_request, reply) => reply.code(204).header('allow', allow).send(),
      });
      app.route({
        url,
        schema: { hide: true },
        method: app.supportedMethods.filter((method) => !allowed.has(method)),
        // Before the body is looked at: whatever is wrong with it matters less.
        onRequest: async () => {
          throw errors.refusal('method_not_allowed', {
            detail: `Allowed: ${allow}.`,
            headers: { allow },
          });
        },
        handler: async () => undefined,
      });
    }
  };
}
