import type { webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';

type CryptoKey = webcrypto.CryptoKey;

/** Fields of which each may be given, or taken away by undefined. */
type Changes<T> = { [Field in keyof T]?: T[Field] | undefined };

interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/** Seconds since 1970. */
export const now = () => Math.floor(Date.now() / 1000);

/** An issuer of tokens that publishes its keys over HTTP. */
export class TokenIssuer {
  readonly issuer = 'https://login.example/';
  readonly audience = 'scheduler';
  readonly jwksUrl: URL;
  /** how often its keys were fetched */
  fetched = 0;
  /** status that its server answers with */
  status = 200;
  /** what it publishes */
  keys: JWK[];
  key: SigningKey;
  readonly #close: () => Promise<void>;

  private constructor(key: SigningKey, port: number, close: () => Promise<void>) {
    this.key = key;
    this.keys = [key.jwk];
    this.jwksUrl = new URL(`http://127.0.0.1:${port}/jwks.json`);
    this.#close = close;
  }

  static async start(alg = 'ES256'): Promise<TokenIssuer> {
    let issuer: TokenIssuer | undefined;
    const server = createServer((_request, response) => {
      if (issuer) {
        issuer.fetched += 1;
        response.writeHead(issuer.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ keys: issuer.keys }));
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const close = () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    const { port } = server.address() as AddressInfo;
    issuer = new TokenIssuer(await makeKey(alg), port, close);
    return issuer;
  }

  /** The settings of an API that accepts its tokens. */
  settings(alias = 'corp') {
    return {
      issuers: [{ alias, issuer: this.issuer, keys: this.jwksUrl }],
      audience: this.audience,
      roleClaim: 'scheduler_role',
      clockTolerance: 5,
    };
  }

  /** A token that is legal, but for the given claims (undefined takes one away), header and key. */
  token(
    claims: Changes<JWTPayload> = {},
    header: Changes<JWTHeaderParameters> = {},
    key: CryptoKey | Uint8Array = this.key.privateKey,
  ): Promise<string> {
    const { issuer: iss, audience: aud } = this;
    return new SignJWT({ iss, aud, sub: 'alice', exp: now() + 300, ...claims } as JWTPayload)
      .setProtectedHeader({
        alg: this.key.alg,
        kid: this.key.kid,
        ...header,
      } as JWTHeaderParameters)
      .sign(key);
  }

  /** Headers of a request with such a token and a JSON body. */
  async headers(...token: Parameters<TokenIssuer['token']>): Promise<Record<string, string>> {
    return {
      authorization: `Bearer ${await this.token(...token)}`,
      'content-type': 'application/json',
    };
  }

  close(): Promise<void> {
    return this.#close();
  }
}

let made = 0;

/** A pair of keys, and the public one as a JWK with an id of its own. */
export async function makeKey(alg: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  made += 1;
  const kid = `key-${made}`;
  return {
    kid,
    alg,
    privateKey,
    publicKey,
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
  };
}
