import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { addGraphql } from '../graphql/routes.ts';
import { batchRoutes } from '../rest/batch.ts';
import { eventRoutes } from '../rest/events.ts';
import { healthRoutes } from '../rest/health.ts';
import { instanceRoutes } from '../rest/instances.ts';
import { listRoutes } from '../rest/list.ts';
import { collectMethods } from '../rest/methods.ts';
import { describeRoutes, serveDescription } from '../rest/openapi/description.ts';
import { recurrenceRoutes } from '../rest/recurrence.ts';
import { type HttpSettings, httpDefaults } from '../settings/http.ts';
import type { IdentitySettings } from '../settings/identity.ts';
import { checkSchemaVersion, createPool, readErrorCodes } from './database.ts';
import { ErrorCatalogue } from './errors.ts';
import { Creations } from './events/creations.ts';
import { FIRST_VERSION_WITH_SERIES, statementsFor } from './events/statements.ts';
import { Statuses } from './events/statuses.ts';
import { BODY_LIMIT, createApp } from './http/app.ts';
import { Authenticator, identify } from './identity/authenticator.ts';
import { RuleCache } from './series/rule-cache.ts';
import { Timezones } from './series/timezones.ts';

export interface ApiOptions {
  /** DSN of scheduler_api */
  readonly databaseUrl: string;
  readonly host: string;
  /** 0: any that is free */
  readonly port: number;
  readonly identity: IdentitySettings;
  /** what differs from `httpDefaults` */
  readonly http?: Partial<HttpSettings>;
  readonly log: Logger;
}

export interface Api {
  /** URLs of the two doors */
  readonly rest: string;
  readonly graphql: string;
  /** Stops accepting, finishes what is in flight, closes every connection. */
  close(): Promise<void>;
}

/**
 * Starts REST and GraphQL on one port.
 * @throws Error that says what to do: the database is away or of another version, or the host would
 *   let strangers in
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { log, host, port } = options;
  const http = { ...httpDefaults, ...options.http };
  const pool = createPool(options.databaseUrl, http.databaseConnections, log);
  const cleanUp = [() => pool.end()];
  try {
    const version = await checkSchemaVersion(pool);
    const errors = new ErrorCatalogue(await readErrorCodes(pool));
    const authenticator = await Authenticator.create(
      host,
      options.identity,
      http.corsOrigins,
      errors,
      log,
    );
    const hasSeries = version >= FIRST_VERSION_WITH_SERIES;
    const timezones = hasSeries ? await Timezones.load(pool) : Timezones.ofNode();
    const series = hasSeries ? { pool, errors, timezones, rules: new RuleCache() } : null;
    const { app, isStopping } = await createApp(http, errors, log);
    cleanUp.unshift(() => app.close());
    const addOtherMethods = collectMethods(app, errors);
    await describeRoutes(app);

    await app.register(healthRoutes, { pool, errors, isStopping });
    const statements = statementsFor(version);
    const creations = new Creations(pool, statements, errors);
    const statuses = new Statuses(pool, statements);
    const events = { pool, errors, statements, creations, statuses, series };
    await app.register(async (scope) => {
      scope.addHook('onRequest', identify(authenticator));
      await scope.register(eventRoutes, events);
      if (series) {
        await scope.register(batchRoutes, series);
        await scope.register(instanceRoutes, series);
        await scope.register(listRoutes, series);
      }
      await scope.register(recurrenceRoutes, { errors, timezones });
    });
    await app.register(async (scope) => {
      const { databaseUrl } = options;
      const bodyLimit = BODY_LIMIT;
      cleanUp.splice(
        1,
        0,
        await addGraphql(scope, { pool, databaseUrl, events, authenticator, log, bodyLimit }),
      );
    });
    await serveDescription(app, errors);
    addOtherMethods();
    await app.listen({ host, port });
    const rest = urlOf(app);
    return { rest, graphql: `${rest}/graphql`, close: () => runAll(cleanUp) };
  } catch (error) {
    await runAll(cleanUp);
    throw error;
  }
}

function urlOf(app: FastifyInstance): string {
  const address = app.server.address();
  if (!address || typeof address === 'string') {
    throw new Error('the server listens on no port');
  }
  // What listens on every address is reached on this one.
  const wildcard: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${wildcard[address.address] ?? host}:${address.port}`;
}

async function runAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps) {
    await step();
  }
}
