import './production.ts';
import type { Logger } from 'pino';
import { isSafeError } from 'postgraphile/grafast';
import { GraphQLError } from 'postgraphile/graphql';
import type { ErrorCatalogue } from '../api/errors.ts';

/**
 * What a GraphQL client is told of an error: our own codes as REST tells them, mistakes in its
 * document as they are, of all else nothing.
 */
export function makeMaskError(errors: ErrorCatalogue, log: Logger) {
  return (error: GraphQLError): GraphQLError => {
    const cause = error.originalError;
    if (!cause || cause instanceof GraphQLError) {
      return error.extensions.code === undefined
        ? say(error, error.message, { ...error.extensions, code: 'bad_request' })
        : error;
    }
    if (isSafeError(cause)) {
      return say(error, cause.message, cause.extensions ?? {});
    }
    const { problem } = errors.translate(cause);
    if (problem.status >= 500) {
      log.error({ err: cause, code: problem.code }, 'GraphQL request failed');
    }
    const { title, detail, code, field, hint } = problem;
    const message = detail === title ? title : `${title}: ${detail}`;
    return say(error, message, { code, ...(field ? { field } : {}), hint });
  };
}

function say(
  { nodes, source, positions, path }: GraphQLError,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions,
  });
}
