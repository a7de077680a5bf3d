import { type Static, Type } from 'typebox';

const optional = (description: string) => Type.Optional(Type.String({ description }));

/** The settings that say who may call the API. */
export const identityProperties = {
  JWT_ISSUERS: optional(
    'Issuers whose tokens (JWT) are accepted, `alias=issuer` separated by commas, such as `corp=https://login.example/`. The caller is `<alias>:<sub>`.',
  ),
  JWT_AUDIENCE: optional('The `aud` that those tokens must have.'),
  JWT_KEYS: optional(
    'The keys of each issuer, `alias=` and the https URL of its JWKS or a PEM file with its public key (read at start), separated by commas. RS256, ES256 and EdDSA.',
  ),
  JWT_ROLE_CLAIM: Type.String({
    default: 'scheduler_role',
    minLength: 1,
    description: 'Claim that says `producer`, `operator` or `reader`; absent: producer.',
  }),
  JWT_CLOCK_TOLERANCE_SECONDS: Type.Integer({
    default: 5,
    minimum: 0,
    maximum: 300,
    description: 'How far the clocks of issuers may be off, for `exp` and `nbf`.',
  }),
  ANONYMOUS_IDENTITY: optional(
    'Requests without `Authorization` act as this producer. Needed, or JWT_ISSUERS, to listen on anything but loopback.',
  ),
};

const environment = Type.Object(identityProperties);

export interface IdentitySettings {
  readonly anonymousIdentity: string | undefined;
  /** undefined: no token is accepted */
  readonly tokens: TokenSettings | undefined;
}

export interface TokenSettings {
  readonly issuers: readonly {
    readonly alias: string;
    readonly issuer: string;
    /** URL of a JWKS, or path of a PEM file */
    readonly keys: URL | string;
  }[];
  readonly audience: string;
  readonly roleClaim: string;
  /** seconds */
  readonly clockTolerance: number;
}

/**
 * What the environment says about identities.
 * @throws Error that names the variable and what would be right
 */
export function identitySettings(read: Static<typeof environment>): IdentitySettings {
  const { ANONYMOUS_IDENTITY: anonymousIdentity } = read;
  if (anonymousIdentity?.includes(':')) {
    throw new Error(
      'ANONYMOUS_IDENTITY has no colon: such identities belong to tokens and to login roles of Postgres',
    );
  }
  return { anonymousIdentity, tokens: tokenSettings(read) };
}

function tokenSettings(read: Static<typeof environment>): TokenSettings | undefined {
  const { JWT_ISSUERS: issuers, JWT_KEYS: keys, JWT_AUDIENCE: audience } = read;
  if (issuers === undefined && keys === undefined && audience === undefined) {
    return undefined;
  }
  for (const [name, value] of Object.entries({
    JWT_ISSUERS: issuers,
    JWT_KEYS: keys,
    JWT_AUDIENCE: audience,
  })) {
    if (value === undefined) {
      throw new Error(`${name} is missing: JWT_ISSUERS, JWT_KEYS and JWT_AUDIENCE belong together`);
    }
  }
  const keysOf = pairs('JWT_KEYS', keys ?? '');
  const known = [...pairs('JWT_ISSUERS', issuers ?? '')].map(([alias, issuer]) => {
    const given = keysOf.get(alias);
    keysOf.delete(alias);
    if (given === undefined) {
      throw new Error(`JWT_KEYS has none for ${alias} of JWT_ISSUERS`);
    }
    return { alias, issuer, keys: keySource(alias, given) };
  });
  const [stray] = keysOf.keys();
  if (stray !== undefined) {
    throw new Error(`JWT_KEYS has ${stray}, which JWT_ISSUERS does not have`);
  }
  if (new Set(known.map(({ issuer }) => issuer)).size < known.length) {
    throw new Error('JWT_ISSUERS has the same issuer twice');
  }
  return {
    issuers: known,
    audience: audience ?? '',
    roleClaim: read.JWT_ROLE_CLAIM,
    clockTolerance: read.JWT_CLOCK_TOLERANCE_SECONDS,
  };
}

/** `alias=value,alias=value`; `sql` is no alias: `sql:<role>` are the login roles of Postgres. */
function pairs(setting: string, text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of text.split(',')) {
    const [, alias, value] = /^\s*([a-z0-9][a-z0-9_-]{0,62})=(\S+)\s*$/i.exec(pair) ?? [];
    if (alias === undefined || value === undefined || alias.toLowerCase() === 'sql') {
      throw new Error(
        `${setting}: ${JSON.stringify(pair)} is not alias=value, the alias of letters, digits, _ and -, and not sql`,
      );
    }
    if (found.has(alias)) {
      throw new Error(`${setting} has the alias ${alias} twice`);
    }
    found.set(alias, value);
  }
  return found;
}

/** Whoever can change an answer that is not encrypted can make every token. */
function keySource(alias: string, given: string): URL | string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? URL.parse(given) : null;
  if (!url) {
    return given;
  }
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) {
    throw new Error(`JWT_KEYS: ${alias}: ${given} is neither an https URL nor a file`);
  }
  return url;
}
