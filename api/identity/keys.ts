import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';

/** The algorithms that tokens may be signed with (RFC 7518, RFC 8037); no others, `none` and HS256 least of all. */
const algorithms = ['RS256', 'ES256', 'EdDSA'] as const;

/** Milliseconds after which the keys are fetched again, so that a key that was taken back is forgotten. */
const MAX_AGE = 600_000;
/** Milliseconds between attempts while they cannot be fetched, or tokens name keys that are not among them. */
const COOLDOWN = 10_000;
/** Milliseconds to wait for an answer. */
const TIMEOUT = 3_000;

/** The keys of an issuer. */
export interface IssuerKeys {
  readonly key: JWTVerifyGetKey;
  /** those that its tokens can be signed with */
  readonly algorithms: readonly string[];
}

/**
 * The keys behind a JWKS URL (RFC 7517 §5): fetched when first needed, every ten minutes, and when a token
 * names one that is not known. Known keys stay in force while they cannot be fetched.
 */
export function remoteKeys(url: URL, log: Logger): IssuerKeys {
  const keys = createRemoteJWKSet(url, {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: COOLDOWN,
    timeoutDuration: TIMEOUT,
  });
  let refreshAt = Date.now() + MAX_AGE;
  async function refresh(): Promise<void> {
    refreshAt = Date.now() + COOLDOWN;
    try {
      await keys.reload();
      refreshAt = Date.now() + MAX_AGE;
    } catch (error) {
      log.warn({ err: error, url: url.href }, 'cannot fetch the keys of tokens; those known go on');
    }
  }
  return {
    algorithms,
    key: async (header, token) => {
      if (keys.jwks() !== undefined && Date.now() >= refreshAt) {
        await refresh();
      }
      return keys(header, token);
    },
  };
}

/**
 * A public key in a PEM file (SPKI), for the one algorithm that fits it.
 * @throws Error that says what is wrong with the file
 */
export async function keyOfFile(path: string): Promise<IssuerKeys> {
  const pem = await readFile(path, 'utf8');
  // A private key has a public one, too; but whoever put it here did not mean to.
  if (pem.includes('PRIVATE KEY')) {
    throw new Error(`${path} holds a private key: give its public key`);
  }
  const key = createPublicKey(pem);
  return { key: async () => key, algorithms: [algorithmOf(key, path)] };
}

function algorithmOf(key: KeyObject, path: string): string {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) {
    return 'RS256';
  }
  if (type === 'ec' && details?.namedCurve === 'prime256v1') {
    return 'ES256';
  }
  if (type === 'ed25519') {
    return 'EdDSA';
  }
  throw new Error(`${path} holds no RSA key of 2048 bits or more, no P-256 and no Ed25519 key`);
}
