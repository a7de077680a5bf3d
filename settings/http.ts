import { envSchema } from 'env-schema';
import { type Static, Type } from 'typebox';

const seconds = (fallback: number, description: string) =>
  Type.Number({ default: fallback, exclusiveMinimum: 0, maximum: 3_600, description });

/** The settings of the API as a server of HTTP. */
export const httpProperties = {
  CORS_ORIGINS: Type.Optional(
    Type.String({
      description:
        'Origins of websites whose pages may call the API from a browser, such as `https://app.example`, separated by commas; `*`: all. Default: none but its own.',
    }),
  ),
  DATABASE_CONNECTIONS: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 1_000,
    description: 'Most connections to Postgres that one API holds.',
  }),
  REQUEST_TIMEOUT_SECONDS: seconds(60, 'How long a request may take to arrive with its body.'),
  HEADERS_TIMEOUT_SECONDS: seconds(15, 'How long the head of a request may take to arrive.'),
  KEEP_ALIVE_SECONDS: seconds(
    72,
    'How long a connection may be idle between two requests; longer than that of a load balancer in front.',
  ),
  IDLE_TIMEOUT_SECONDS: seconds(
    120,
    'How long a client may neither send nor take anything while a request is served.',
  ),
  MAX_HEADER_BYTES: Type.Integer({
    default: 16_384,
    minimum: 1_024,
    maximum: 1_048_576,
    description: 'Most bytes of the head of a request.',
  }),
};

const environment = Type.Object(httpProperties);

export interface HttpSettings {
  /** `*`: every one */
  readonly corsOrigins: readonly string[];
  readonly databaseConnections: number;
  /** milliseconds */
  readonly requestTimeout: number;
  /** milliseconds */
  readonly headersTimeout: number;
  /** milliseconds */
  readonly keepAliveTimeout: number;
  /** milliseconds */
  readonly idleTimeout: number;
  /** bytes */
  readonly maxHeaderSize: number;
}

/**
 * What the environment says about HTTP.
 * @throws Error that names the variable and what would be right
 */
export function httpSettings(read: Static<typeof environment>): HttpSettings {
  if (read.HEADERS_TIMEOUT_SECONDS > read.REQUEST_TIMEOUT_SECONDS) {
    throw new Error('HEADERS_TIMEOUT_SECONDS is at most REQUEST_TIMEOUT_SECONDS');
  }
  return {
    corsOrigins: (read.CORS_ORIGINS ?? '').split(',').flatMap(readOrigin),
    databaseConnections: read.DATABASE_CONNECTIONS,
    requestTimeout: read.REQUEST_TIMEOUT_SECONDS * 1000,
    headersTimeout: read.HEADERS_TIMEOUT_SECONDS * 1000,
    keepAliveTimeout: read.KEEP_ALIVE_SECONDS * 1000,
    idleTimeout: read.IDLE_TIMEOUT_SECONDS * 1000,
    maxHeaderSize: read.MAX_HEADER_BYTES,
  };
}

/** What holds unless something else is said. */
export const httpDefaults: HttpSettings = httpSettings(
  envSchema<Static<typeof environment>>({ schema: environment, data: {}, env: false }),
);

function readOrigin(text: string): string[] {
  const origin = text.trim();
  if (origin !== '' && origin !== '*' && URL.parse(origin)?.origin !== origin) {
    throw new Error(
      `CORS_ORIGINS: ${JSON.stringify(origin)} is no origin, which is scheme, host and port without a path`,
    );
  }
  return origin === '' ? [] : [origin];
}
