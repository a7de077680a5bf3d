import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { addGraphql } from '../graphql/routes.ts';
import { batchRoutes } from '../rest/batch.ts';
import { eventRoutes } from '../rest/events.ts';
import { healthRoutes } from '../rest/health.ts';
import { instanceRoutes } from '../rest/instances.ts';
import { listRoutes } from '../rest/list.ts';
import { collectMethods } from '../rest/methods.ts';
import { describeRoutes, serveDescription } from '../rest/openapi/description.ts';
import { answer, answerProblems, fromFastify } from '../rest/problems.ts';
import { recurrenceRoutes } from '../rest/recurrence.ts';
import type { IdentitySettings } from '../settings/identity.ts';
import { checkSchemaVersion, createPool, readErrorCodes } from './database.ts';
import { ErrorCatalogue } from './errors.ts';
import { FIRST_VERSION_WITH_SERIES, statementsFor } from './events/statements.ts';
import { Authenticator, identify } from './identity/authenticator.ts';
import { jsonParser } from './json.ts';
import { RuleCache } from './series/rule-cache.ts';
import { Timezones } from './series/timezones.ts';

export interface ApiOptions {
  /** DSN of scheduler_api */
  readonly databaseUrl: string;
  readonly host: string;
  /** 0: any that is free */
  readonly port: number;
  readonly identity: IdentitySettings;
  readonly log: Logger;
}

export interface Api {
  /** URLs of the two doors */
  readonly rest: string;
  readonly graphql: string;
  /** Stops accepting, finishes what is in flight, closes every connection. */
  close(): Promise<void>;
}

const BODY_LIMIT = 16 * 1024 * 1024;

/**
 * Starts REST and GraphQL on one port.
 * @throws Error that says what to do: the database is away or of another version, or the host would
 *   let strangers in
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { log, host, port } = options;
  const pool = createPool(options.databaseUrl, log);
  const cleanUp = [() => pool.end()];
  try {
    const version = await checkSchemaVersion(pool);
    const errors = new ErrorCatalogue(await readErrorCodes(pool));
    const authenticator = await Authenticator.create(host, options.identity, errors, log);
    const hasSeries = version >= FIRST_VERSION_WITH_SERIES;
    const timezones = hasSeries ? await Timezones.load(pool) : Timezones.ofNode();
    const series = hasSeries ? { pool, errors, timezones, rules: new RuleCache() } : null;
    const app = createApp(errors, log);
    cleanUp.unshift(() => app.close());
    const addOtherMethods = collectMethods(app, errors);
    await describeRoutes(app);

    await app.register(healthRoutes, { pool, errors });
    await app.register(async (scope) => {
      scope.addHook('onRequest', identify(authenticator));
      const events = { pool, errors, statements: statementsFor(version), series };
      await scope.register(eventRoutes, events);
      if (series) {
        await scope.register(batchRoutes, series);
        await scope.register(instanceRoutes, series);
        await scope.register(listRoutes, series);
      }
      await scope.register(recurrenceRoutes, { errors, timezones });
      await scope.register(async (graphql) => {
        const explorer = authenticator.mode === 'local';
        const release = await addGraphql(graphql, {
          pool,
          events,
          log,
          explorer,
          bodyLimit: BODY_LIMIT,
        });
        cleanUp.splice(1, 0, release);
      });
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

function createApp(errors: ErrorCatalogue, log: Logger): FastifyInstance {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    // Nobody may hold a connection by sending slowly.
    requestTimeout: 60_000,
    // What arrives on an open connection while closing is in flight too.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 8_000 },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allowUnionTypes: true,
      },
    },
    frameworkErrors: (error, request, reply) => {
      answer(fromFastify(error, errors) ?? errors.translate(error), request, reply);
    },
  });
  // The schemas describe answers; they do not filter them.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest('caller', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonParser(errors));
  answerProblems(app, errors);
  logRequests(app);
  closeConnections(app);
  return app;
}

/** Answers that leave while closing close their connections, which would else stay open for more. */
function closeConnections(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) {
      reply.header('connection', 'close');
    }
  });
}

/** One line a request; successes only at level debug: there may be thousands a second. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const level = reply.statusCode >= 400 ? 'info' : 'debug';
    const line = {
      method: request.method,
      url: request.url.slice(0, 200),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      identity: request.caller?.identity,
    };
    request.log[level](line, 'request');
  });
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
