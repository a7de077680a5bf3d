import { decodeJwt, type JWTPayload, errors as joseErrors, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import type { TokenSettings } from '../../settings/identity.ts';
import type { ErrorCatalogue } from '../errors.ts';
import { type Caller, roles } from './caller.ts';
import { type IssuerKeys, keyOfFile, remoteKeys } from './keys.ts';
import { RecentTokens } from './recent-tokens.ts';

interface Issuer {
  readonly alias: string;
  readonly issuer: string;
  readonly keys: IssuerKeys;
}

/** Seconds since 1970 that a Date can hold. */
const LAST_SECOND = 8_640_000_000_000;

/** OpenID Connect Core §2 allows 255 ASCII characters; Postgres stores no NUL, and logs had better hold no controls. */
const SUBJECT = /^\P{Cc}{1,255}$/u;

/** Tells from a JSON Web Token (RFC 7519) who calls. */
export class TokenVerifier {
  readonly #issuers: readonly Issuer[];
  readonly #settings: TokenSettings;
  readonly #errors: ErrorCatalogue;
  readonly #log: Logger;
  readonly #recent = new RecentTokens();

  constructor(
    issuers: readonly Issuer[],
    settings: TokenSettings,
    errors: ErrorCatalogue,
    log: Logger,
  ) {
    this.#issuers = issuers;
    this.#settings = settings;
    this.#errors = errors;
    this.#log = log;
  }

  /**
   * A verifier for the issuers of the settings. Keys behind URLs are fetched when they are needed.
   * @throws Error naming the setting, when a file holds no key
   */
  static async create(
    settings: TokenSettings,
    errors: ErrorCatalogue,
    log: Logger,
  ): Promise<TokenVerifier> {
    const issuers = settings.issuers.map(async ({ alias, issuer, keys }) => ({
      alias,
      issuer,
      keys:
        keys instanceof URL
          ? remoteKeys(keys, log)
          : await keyOfFile(keys).catch((cause: Error) => {
              throw new Error(`JWT_KEYS: ${alias}: ${cause.message}`, { cause });
            }),
    }));
    return new TokenVerifier(await Promise.all(issuers), settings, errors, log);
  }

  /**
   * Who a token speaks for: `<alias of its issuer>:<sub>`, in the role that its claim says.
   * @throws ProblemError 401 invalid_token, or 503 keys_unavailable when its key cannot be had now
   */
  async verify(token: string): Promise<Caller> {
    const recent = this.#recent.get(token);
    if (recent) {
      return recent;
    }
    const caller = await this.#verifyNow(token);
    this.#recent.keep(token, caller);
    return caller;
  }

  async #verifyNow(token: string): Promise<Caller> {
    const issuer = this.#issuerOf(token);
    const { audience, clockTolerance } = this.#settings;
    const { payload } = await jwtVerify(
      token,
      (header, jws) => this.#keyOf(issuer, () => issuer.keys.key(header, jws)),
      {
        issuer: issuer.issuer,
        audience,
        clockTolerance,
        algorithms: [...issuer.keys.algorithms],
        requiredClaims: ['exp', 'sub'],
      },
    ).catch((error: unknown) => {
      throw error instanceof joseErrors.JOSEError ? this.#refusal(explain(error), error) : error;
    });
    return this.#callerOf(issuer, payload);
  }

  /** By what the token says of itself; its signature then shows whether that is true. */
  #issuerOf(token: string): Issuer {
    let claimed: JWTPayload;
    try {
      claimed = decodeJwt(token);
    } catch (error) {
      throw this.#refusal('It is not a JSON Web Token.', error);
    }
    const issuer = this.#issuers.find((known) => known.issuer === claimed.iss);
    if (!issuer) {
      throw this.#refusal('Its issuer (iss) is not accepted here.');
    }
    return issuer;
  }

  async #keyOf<Key>({ alias }: Issuer, find: () => Key | Promise<Key>): Promise<Key> {
    try {
      return await find();
    } catch (error) {
      if (
        error instanceof joseErrors.JWKSNoMatchingKey ||
        error instanceof joseErrors.JWKSMultipleMatchingKeys
      ) {
        throw error;
      }
      this.#log.warn({ err: error, issuer: alias }, 'cannot get the keys of an issuer of tokens');
      throw this.#errors.refusal('keys_unavailable', {
        headers: { 'retry-after': '5' },
        cause: error,
      });
    }
  }

  #callerOf({ alias }: Issuer, payload: JWTPayload): Caller {
    const { sub, exp = 0 } = payload;
    if (typeof sub !== 'string' || !SUBJECT.test(sub)) {
      throw this.#refusal('Its subject (sub) is not a text of 1 to 255 printable characters.');
    }
    const { roleClaim } = this.#settings;
    const said = Object.hasOwn(payload, roleClaim) ? payload[roleClaim] : 'producer';
    const role = roles.find((known) => known === said);
    if (!role) {
      throw this.#refusal(`Its claim ${roleClaim} is none of ${roles.join(', ')}.`);
    }
    const expiresAt = new Date(Math.min(exp, LAST_SECOND) * 1000);
    return { identity: `${alias}:${sub}`, role, expiresAt };
  }

  #refusal(detail: string, cause?: unknown): Error {
    return invalidToken(this.#errors, detail, cause);
  }
}

/** 401 as RFC 6750 §3.1 has it for a token that is not valid, for whatever reason. */
export function invalidToken(errors: ErrorCatalogue, detail: string, cause?: unknown): Error {
  const headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
  return errors.refusal('invalid_token', { detail, headers, cause });
}

/** What the sender may know, in words of ours: those of the library may change. */
function explain(error: joseErrors.JOSEError): string {
  if (error instanceof joseErrors.JWTExpired) {
    return 'It has expired.';
  }
  if (error instanceof joseErrors.JWTClaimValidationFailed) {
    const { claim, reason } = error;
    return reason === 'missing' ? `It has no ${claim}.` : `Its ${claim} is not accepted.`;
  }
  if (error instanceof joseErrors.JOSEAlgNotAllowed) {
    return 'Its algorithm is not accepted.';
  }
  if (error instanceof joseErrors.JWSSignatureVerificationFailed) {
    return 'Its signature is not right.';
  }
  if (error instanceof joseErrors.JWKSNoMatchingKey) {
    return 'It is signed with a key that its issuer does not publish.';
  }
  if (error instanceof joseErrors.JWKSMultipleMatchingKeys) {
    return 'Its issuer publishes several keys, and it does not say which (kid).';
  }
  return 'It is not a signed JSON Web Token.';
}
