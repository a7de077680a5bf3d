import './production.ts';
import 'postgraphile';
import { GraphQLError, Kind, type ValueNode } from 'postgraphile/graphql';
import { decodeBase64 } from '../api/base64.ts';
import type { ErrorCatalogue } from '../api/errors.ts';

/** Scalars that read and show what REST does: strict Base64, instants as shortest RFC 3339 in UTC. */
export function scalarsPlugin(errors: ErrorCatalogue): GraphileConfig.Plugin {
  const parseBase64 = (value: unknown): Buffer => {
    const bytes = typeof value === 'string' ? decodeBase64(value) : 'It must be a string.';
    if (typeof bytes === 'string') {
      const { problem } = errors.refusal('invalid_payload', { field: 'payload', detail: bytes });
      const { code, field, hint } = problem;
      throw new GraphQLError(`${problem.title}: ${bytes}`, { extensions: { code, field, hint } });
    }
    return bytes;
  };
  return {
    name: 'SchedulerScalarsPlugin',
    version: '0.0.0',
    schema: {
      hooks: {
        GraphQLScalarType(config) {
          if (config.name === 'Base64EncodedBinary') {
            return {
              ...config,
              description: 'Bytes in Base64 (RFC 4648 §4).',
              parseValue: parseBase64,
              parseLiteral: (node: ValueNode) =>
                parseBase64(node.kind === Kind.STRING ? node.value : undefined),
            };
          }
          return config.name === 'Datetime'
            ? { ...config, description: 'An instant, RFC 3339 in UTC.', serialize: shortenInstant }
            : config;
        },
      },
    },
  };
}

/**
 * `2025-04-15T01:00:00.500000+00:00`, as PostGraphile has it written, in its shortest form.
 * @throws Error when it is not in UTC
 */
function shortenInstant(value: unknown): string {
  const [, seconds, fraction] = /^([^.Z+]+)(?:\.(\d+?)0*)?(?:\+00:00|Z)$/.exec(String(value)) ?? [];
  if (!seconds) {
    throw new Error(`timestamp ${String(value)} is not in UTC`);
  }
  return Number(fraction ?? 0) === 0 ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
