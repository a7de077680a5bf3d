import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { IdentitySettings } from '../../settings/identity.ts';
import type { ErrorCatalogue } from '../errors.ts';
import { type Access, decideAccess } from './access.ts';
import type { Caller } from './caller.ts';
import { refuseForeignSites } from './origin.ts';
import { invalidToken, TokenVerifier } from './tokens.ts';

/** `Bearer`, whatever its case (RFC 9110 §11.1), and a token (RFC 6750 §2.1). */
const BEARER = /^bearer +([\w.~+/-]+=*) *$/i;

/** Says who calls, for every door of the API. */
export class Authenticator {
  readonly mode: Access['mode'];
  readonly #withoutToken: Caller | null;
  readonly #tokens: TokenVerifier | null;
  readonly #corsOrigins: readonly string[];
  readonly #errors: ErrorCatalogue;

  private constructor(
    access: Access,
    tokens: TokenVerifier | null,
    corsOrigins: readonly string[],
    errors: ErrorCatalogue,
  ) {
    this.mode = access.mode;
    this.#withoutToken = access.withoutToken;
    this.#tokens = tokens;
    this.#corsOrigins = corsOrigins;
    this.#errors = errors;
  }

  /**
   * @param host address that the API listens on
   * @param corsOrigins origins of websites that may call it; `*`: all
   * @throws Error naming the setting that is missing or wrong
   */
  static async create(
    host: string,
    settings: IdentitySettings,
    corsOrigins: readonly string[],
    errors: ErrorCatalogue,
    log: Logger,
  ): Promise<Authenticator> {
    const access = decideAccess(host, settings);
    const { tokens } = settings;
    if (access.mode === 'anonymous') {
      const { identity, role } = access.withoutToken ?? {};
      const caller = { identity, role };
      log.info(caller, 'requests without Authorization act as ANONYMOUS_IDENTITY');
    }
    if (tokens) {
      const issuers = tokens.issuers.map(({ alias, issuer }) => `${alias}=${issuer}`);
      log.info({ issuers, audience: tokens.audience }, 'tokens of JWT_ISSUERS are accepted');
    }
    const verifier = tokens ? await TokenVerifier.create(tokens, errors, log) : null;
    return new Authenticator(access, verifier, corsOrigins, errors);
  }

  /**
   * Who sends a request, or opens a websocket.
   * @param headers of the request; for a websocket with the `authorization` of its connection_init
   * @throws ProblemError 401 not_identified or invalid_token, 403 foreign_origin, 503 keys_unavailable
   */
  async authenticate(headers: IncomingHttpHeaders): Promise<Caller> {
    const { authorization } = headers;
    if (authorization !== undefined) {
      return this.#ofToken(authorization);
    }
    if (!this.#withoutToken) {
      throw this.#errors.refusal('not_identified', {
        detail: 'Send Authorization: Bearer and a token.',
        headers: { 'www-authenticate': 'Bearer' },
      });
    }
    refuseForeignSites(headers, this.mode, this.#corsOrigins, this.#errors);
    return this.#withoutToken;
  }

  async #ofToken(authorization: string): Promise<Caller> {
    if (!this.#tokens) {
      const detail = 'No issuer is configured (JWT_ISSUERS): send no Authorization header.';
      throw invalidToken(this.#errors, detail);
    }
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) {
      throw invalidToken(this.#errors, 'Authorization is not Bearer and a token.');
    }
    return this.#tokens.verify(token);
  }
}

/** A hook for onRequest that says who calls, see `callerOf`. */
export function identify(authenticator: Authenticator) {
  return async (request: FastifyRequest): Promise<void> => {
    request.caller = await authenticator.authenticate(request.headers);
  };
}
