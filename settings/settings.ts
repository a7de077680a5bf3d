import { envSchema } from 'env-schema';
import { type Static, Type } from 'typebox';
import { type HttpSettings, httpProperties, httpSettings } from './http.ts';
import { type IdentitySettings, identityProperties, identitySettings } from './identity.ts';

const optional = (description: string) => Type.Optional(Type.String({ description }));

/**
 * Every setting of every program, read from the environment. The README's table is this schema
 * (a test compares them). What belongs to a deployment as a whole (delivery mode, size limit,
 * retry delays, retention) is a row of `scheduler.settings` in the database instead, so that no
 * two processes can differ about it.
 */
export const settingsSchema = Type.Object({
  DATABASE_URL: optional(
    'Postgres of this deployment, as its DBA; used for set-up. `npm start` and `npm test` bring their own when it is absent.',
  ),
  API_DATABASE_URL: optional(
    'The same database as the login role `scheduler_api`. Default: `DATABASE_URL` with that role and a password derived from the DBA’s.',
  ),
  RELAY_DATABASE_URL: optional(
    'The same database as the login role `scheduler_relay`. Default: derived likewise.',
  ),
  KAFKA_BROKERS: optional(
    'Brokers, `host:port` separated by commas. `npm start` and `npm test` bring their own when it is absent.',
  ),
  KAFKA_SSL_CA_FILE: optional('PEM file of the CA of the brokers; switches TLS on.'),
  KAFKA_SSL_CERT_FILE: optional(
    'PEM file of the client certificate (mTLS). The three files are read again at each new connection.',
  ),
  KAFKA_SSL_KEY_FILE: optional('PEM file of the client key (mTLS).'),
  KAFKA_SASL_MECHANISM: Type.Optional(
    Type.Union(
      [Type.Literal('plain'), Type.Literal('scram-sha-256'), Type.Literal('scram-sha-512')],
      { description: 'SASL mechanism: `plain`, `scram-sha-256` or `scram-sha-512`.' },
    ),
  ),
  KAFKA_SASL_USERNAME: optional('SASL user.'),
  KAFKA_SASL_PASSWORD: optional('SASL password.'),
  DEPLOYMENT: Type.String({
    default: 'scheduler',
    pattern: '^[a-zA-Z0-9._-]{1,100}$',
    description:
      'Name of this deployment on its Kafka cluster; stored at install, a mismatch refuses to start.',
  }),
  HOST: Type.String({ default: '127.0.0.1', description: 'Address that the API listens on.' }),
  PORT: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: 'Port that the API listens on.',
  }),
  ...identityProperties,
  ...httpProperties,
  CREATE_MISSING_TOPICS: Type.Boolean({
    default: false,
    description:
      'Create a missing destination topic when it is first used (`npm start` and compose switch it on).',
  }),
  DATA_DIR: optional(
    'Where `npm start` keeps data, logs and ports. Default: `.data` in the checkout; for root `/var/lib/event-scheduler/…`.',
  ),
  SERVICES: Type.Union([Type.Literal('auto'), Type.Literal('native'), Type.Literal('docker')], {
    default: 'auto',
    description:
      'How local Postgres and Kafka are obtained: Docker if an engine answers, else native.',
  }),
  LEASE_SECONDS: Type.Number({
    default: 3,
    minimum: 0.2,
    description:
      'How long a relay owns its lanes without renewing; a third of it passes between renewals.',
  }),
  BATCH_EVENTS: Type.Integer({
    default: 1000,
    minimum: 1,
    maximum: 10000,
    description: 'Most events that one Kafka transaction carries.',
  }),
  POLL_SECONDS: Type.Number({
    default: 5,
    minimum: 0.05,
    description: 'Fallback: a lane looks for due work this often even if nothing wakes it.',
  }),
  SCHEDULER_URL: Type.String({
    default: 'http://127.0.0.1:8080',
    description: 'Where the command line finds the API.',
  }),
  SCHEDULER_TOKEN: optional('JWT that the command line shows it.'),
  RELAY_HEALTH_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      description:
        'Port on which a relay answers `/health/live` and `/health/ready`; absent: none.',
    }),
  ),
  LOG_LEVEL: Type.Union(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].map((level) =>
      Type.Literal(level),
    ),
    { default: 'info', description: 'Level of the JSON log on stderr.' },
  ),
});

type Environment = Static<typeof settingsSchema>;

export interface Settings {
  readonly databaseUrl: string | undefined;
  readonly apiDatabaseUrl: string | undefined;
  readonly relayDatabaseUrl: string | undefined;
  readonly kafkaBrokers: string[] | undefined;
  readonly kafkaSecurity: KafkaSecurity;
  readonly deployment: string;
  readonly host: string;
  readonly port: number;
  readonly identity: IdentitySettings;
  readonly http: HttpSettings;
  readonly createMissingTopics: boolean;
  readonly dataDir: string | undefined;
  readonly services: 'auto' | 'native' | 'docker';
  /** seconds */
  readonly lease: number;
  readonly batchEvents: number;
  /** seconds */
  readonly poll: number;
  readonly schedulerUrl: string;
  readonly schedulerToken: string | undefined;
  readonly relayHealthPort: number | undefined;
  readonly logLevel: string;
}

export interface KafkaSecurity {
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly sasl:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: string;
      }
    | undefined;
}

/**
 * Reads the settings from the environment.
 * @param env environment variables; an empty one counts as absent
 * @throws Error that names the variable and what would be right
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = envSchema<Environment>({ schema: settingsSchema, data: given, env: false });
  return {
    databaseUrl: read.DATABASE_URL,
    apiDatabaseUrl: read.API_DATABASE_URL,
    relayDatabaseUrl: read.RELAY_DATABASE_URL,
    kafkaBrokers: read.KAFKA_BROKERS?.split(',').map((broker) => broker.trim()),
    kafkaSecurity: kafkaSecurity(read),
    deployment: read.DEPLOYMENT,
    host: read.HOST,
    port: read.PORT,
    identity: identitySettings(read),
    http: httpSettings(read),
    createMissingTopics: read.CREATE_MISSING_TOPICS,
    dataDir: read.DATA_DIR,
    services: read.SERVICES,
    lease: read.LEASE_SECONDS,
    batchEvents: read.BATCH_EVENTS,
    poll: read.POLL_SECONDS,
    schedulerUrl: read.SCHEDULER_URL,
    schedulerToken: read.SCHEDULER_TOKEN,
    relayHealthPort: read.RELAY_HEALTH_PORT,
    logLevel: read.LOG_LEVEL,
  };
}

function kafkaSecurity(read: Environment): KafkaSecurity {
  const mechanism = read.KAFKA_SASL_MECHANISM;
  if (mechanism && !(read.KAFKA_SASL_USERNAME && read.KAFKA_SASL_PASSWORD)) {
    throw new Error('KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD');
  }
  return {
    caFile: read.KAFKA_SSL_CA_FILE,
    certFile: read.KAFKA_SSL_CERT_FILE,
    keyFile: read.KAFKA_SSL_KEY_FILE,
    sasl: mechanism && {
      mechanism,
      username: read.KAFKA_SASL_USERNAME ?? '',
      password: read.KAFKA_SASL_PASSWORD ?? '',
    },
  };
}
