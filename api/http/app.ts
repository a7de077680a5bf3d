import compress from '@fastify/compress';
import cors from '@fastify/cors';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { answer, answerProblems, fromFastify } from '../../rest/problems.ts';
import type { HttpSettings } from '../../settings/http.ts';
import type { ErrorCatalogue } from '../errors.ts';
import { jsonParser } from '../json.ts';
import { answerClientErrors } from './client-errors.ts';
import { readIntegers } from './query-integers.ts';
import { requestId } from './request-id.ts';
import { releaseConnections } from './stopping.ts';

export interface App {
  readonly app: FastifyInstance;
  /** whether it is closing: what is in flight is finished, nothing else is begun */
  readonly isStopping: () => boolean;
}

/** Most bytes of a body, after it was unpacked. */
export const BODY_LIMIT = 16 * 1024 * 1024;

/** A server of HTTP without any route: limits, request ids, problems, compression, CORS, log. */
export async function createApp(
  settings: HttpSettings,
  errors: ErrorCatalogue,
  log: Logger,
): Promise<App> {
  const app = Fastify({
    ...limits(settings),
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    requestIdHeader: false,
    genReqId: requestId,
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
    clientErrorHandler: answerClientErrors(errors),
    frameworkErrors: (error, request, reply) => {
      answer(fromFastify(error, errors) ?? errors.translate(error), request, reply);
    },
  });
  // The schemas describe answers; they do not filter them.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest('caller', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonParser(errors));
  app.addHook('onRequest', async ({ id, headers }, reply) => {
    reply.header('x-request-id', id);
    const coding = headers['content-encoding'];
    if (coding) {
      // In any case, and x-gzip is gzip (RFC 9110 section 8.4.1).
      headers['content-encoding'] = coding
        .trim()
        .toLowerCase()
        .replace(/^x-gzip$/, 'gzip');
    }
  });
  readIntegers(app);
  answerProblems(app, errors);
  logRequests(app);
  const isStopping = releaseConnections(app);
  await allowOrigins(app, settings.corsOrigins);
  // Bodies are unpacked as they are read, so that the limit stops a bomb early.
  await app.register(compress, {
    encodings: ['gzip'],
    requestEncodings: ['gzip', 'deflate', 'identity'],
  });
  return { app, isStopping };
}

/** So that nobody holds a connection or memory by sending or taking slowly, or too much. */
function limits(settings: HttpSettings) {
  return {
    bodyLimit: BODY_LIMIT,
    requestTimeout: settings.requestTimeout,
    keepAliveTimeout: settings.keepAliveTimeout,
    connectionTimeout: settings.idleTimeout,
    http: {
      headersTimeout: settings.headersTimeout,
      maxHeaderSize: settings.maxHeaderSize,
      connectionsCheckingInterval: Math.min(5_000, settings.headersTimeout / 2),
    },
  };
}

async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) {
    return;
  }
  await app.register(cors, {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH'],
    exposedHeaders: ['ETag', 'Link', 'Location', 'Retry-After', 'X-Request-Id', 'Allow'],
    maxAge: 600,
    // Our own OPTIONS answers, which also says what is allowed to who asks without being a browser.
    strictPreflight: false,
    preflightContinue: true,
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
