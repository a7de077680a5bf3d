import type { FastifyRequest } from 'fastify';

export const roles = ['producer', 'operator', 'reader'] as const;
type Role = (typeof roles)[number];

/** Who calls, as SQL is told. */
export interface Caller {
  readonly identity: string;
  readonly role: Role;
  /** when its token ends, and with it what goes on for it, such as a subscription; null: it came without one */
  readonly expiresAt: Date | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `identify`, for routes that act on somebody's behalf. */
    caller: Caller | null;
  }
}

/**
 * The caller of a request that `identify` has seen.
 * @throws Error when a route was registered without it
 */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) {
    throw new Error(`the route ${request.routeOptions.url} does not identify its callers`);
  }
  return request.caller;
}
