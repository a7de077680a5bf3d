import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { ErrorCatalogue } from './errors.ts';

type Role = 'producer' | 'operator' | 'reader';

/** Who calls, as SQL is told. */
export interface Caller {
  readonly identity: string;
  readonly role: Role;
}

export interface Access {
  /** local: everyone is the operator `local`; anonymous: everyone is a producer of a given name */
  readonly mode: 'local' | 'anonymous';
  /** who a request without Authorization is */
  readonly caller: Caller;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `identify`, for routes that act on somebody's behalf. */
    caller: Caller | null;
  }
}

/**
 * Decides who may call an API that listens on a host.
 * @param host address that the API listens on
 * @param anonymousIdentity setting ANONYMOUS_IDENTITY
 * @throws Error naming the setting that is missing
 */
export function decideAccess(host: string, anonymousIdentity: string | undefined): Access {
  if (anonymousIdentity !== undefined) {
    return { mode: 'anonymous', caller: { identity: anonymousIdentity, role: 'producer' } };
  }
  if (!isLoopback(host)) {
    throw new Error(
      `HOST=${host} is not loopback, and nobody is asked who they are: set ANONYMOUS_IDENTITY to the producer that requests without Authorization act as, or HOST to 127.0.0.1.`,
    );
  }
  return { mode: 'local', caller: { identity: 'local', role: 'operator' } };
}

/**
 * A hook that says who calls.
 * @returns hook for onRequest; it throws 401 for any Authorization: there is nothing to check it against yet
 */
export function identify(access: Access, errors: ErrorCatalogue) {
  return async (request: FastifyRequest): Promise<void> => {
    if (request.headers.authorization !== undefined) {
      throw errors.refusal('invalid_token', { headers: { 'www-authenticate': 'Bearer' } });
    }
    request.caller = access.caller;
  };
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

function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) {
    return host.toLowerCase() === 'localhost';
  }
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
