import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCatalogue, ProblemError } from '../api/errors.ts';
import { fieldErrors } from './schemas/problem.ts';

type ValidationError = NonNullable<FastifyError['validation']>[number];

/** What Fastify refuses by itself, before any of our code runs. */
const fastifyErrors: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_CP_ERR_INVALID_CONTENT_ENCODING: 'unsupported_media_type',
};

/** What a body may be (RFC 9110 section 15.5.16). */
const ACCEPTED = { accept: 'application/json', 'accept-encoding': 'gzip, deflate' };

/** Answers every error as application/problem+json and logs those that are ours. */
export function answerProblems(app: FastifyInstance, errors: ErrorCatalogue): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refused = fromFastify(error, errors) ?? errors.translate(error);
    return answer(refused, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    const detail = `${request.method} ${request.url.slice(0, 200)}`;
    return answer(errors.refusal('no_such_route', { detail }), request, reply);
  });
}

/** Sends a problem. Also for `frameworkErrors` of Fastify, where there is no error handler yet. */
export function answer(
  { problem, headers, cause }: ProblemError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (problem.status >= 500) {
    request.log.error({ err: cause, code: problem.code }, 'request failed');
  }
  const instance = `urn:event-scheduler:request:${request.id}`;
  return reply
    .code(problem.status)
    .headers({ ...headers, 'x-request-id': request.id })
    .type('application/problem+json')
    .send(JSON.stringify({ ...problem, instance }));
}

/** The problem of an error that Fastify itself raised; undefined for all others. */
export function fromFastify(error: FastifyError, errors: ErrorCatalogue): ProblemError | undefined {
  const [violation] = error.validation ?? [];
  if (violation) {
    return fromViolation(violation, error.validationContext, errors);
  }
  const code = fastifyErrors[error.code];
  if (code) {
    const headers = code === 'unsupported_media_type' ? ACCEPTED : {};
    return errors.refusal(code, { headers, cause: error });
  }
  const { statusCode = 500 } = error;
  return statusCode >= 400 && statusCode < 500
    ? errors.refusal('bad_request', { detail: error.message, cause: error })
    : undefined;
}

function fromViolation(
  violation: ValidationError,
  context: string | undefined,
  errors: ErrorCatalogue,
): ProblemError {
  const path = toJsonPath(violation.instancePath);
  const { missingProperty, additionalProperty } = violation.params;
  if (typeof additionalProperty === 'string') {
    const detail = 'There is no such field.';
    return errors.refusal('invalid_event', { field: join(path, additionalProperty), detail });
  }
  if (typeof missingProperty === 'string') {
    const field = join(path, missingProperty);
    return errors.refusal(codeOf(field), { field, detail: 'It is missing.' });
  }
  if (path === '' && context === 'body') {
    const detail =
      violation.keyword === 'maxItems'
        ? `It has more than ${violation.params.limit} items.`
        : `The body is not a JSON ${violation.params.type}.`;
    return errors.refusal('invalid_event', { detail });
  }
  if (violation.keyword === 'enum') {
    const known = [violation.params.allowedValues].flat().join(', ');
    return errors.refusal(codeOf(path), { field: path, detail: `It is none of ${known}.` });
  }
  if (violation.params.limit !== undefined) {
    const detail = `It is not ${violation.params.comparison} ${violation.params.limit}.`;
    return errors.refusal(codeOf(path), { field: path, detail });
  }
  const [type] = [violation.params.type].flat();
  const article = /^[aeiou]/.test(`${type}`) ? 'an' : 'a';
  const detail = `It is not ${article} ${type}.`;
  return errors.refusal(codeOf(path), { field: path, detail });
}

function codeOf(field: string): string {
  const [, name = ''] = /^(?:\[\d+\]\.)?([^.]*)/.exec(field) ?? [];
  return fieldErrors[name] ?? 'invalid_event';
}

/** A JSON pointer in the notation of our errors. Only whole bodies are arrays. */
function toJsonPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step, depth) => (depth === 0 && /^\d+$/.test(step) ? `[${step}]` : step))
    .join('.');
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
