import { BlockList, isIP } from 'node:net';
import type { IdentitySettings } from '../../settings/identity.ts';
import type { Caller } from './caller.ts';

export interface Access {
  /**
   * local: everyone is the operator `local`; anonymous: requests without token are a producer of a given
   * name; tokens: requests without token are refused
   */
  readonly mode: 'local' | 'anonymous' | 'tokens';
  /** who a request without Authorization is */
  readonly withoutToken: Caller | null;
}

/**
 * Decides whom an API that listens on a host serves without a token.
 * @param host address that the API listens on
 * @throws Error naming the settings of which one is missing
 */
export function decideAccess(host: string, settings: IdentitySettings): Access {
  const { anonymousIdentity: identity, tokens } = settings;
  if (identity !== undefined) {
    return { mode: 'anonymous', withoutToken: { identity, role: 'producer', expiresAt: null } };
  }
  if (tokens) {
    return { mode: 'tokens', withoutToken: null };
  }
  if (!isLoopback(host)) {
    throw new Error(
      `HOST=${host} is not loopback, and nobody is asked who they are: set JWT_ISSUERS to the issuers of tokens that are accepted, or ANONYMOUS_IDENTITY to the producer that requests without Authorization act as, or HOST to 127.0.0.1.`,
    );
  }
  const local: Caller = { identity: 'local', role: 'operator', expiresAt: null };
  return { mode: 'local', withoutToken: local };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host name or address is this machine itself. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) {
    return host.toLowerCase() === 'localhost';
  }
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
