import './production.ts';
import type { Pool } from 'pg';
import { makePgService } from 'postgraphile/adaptors/pg';
import type { GraphQLError } from 'postgraphile/graphql';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { PgV4SmartTagsPlugin } from 'postgraphile/presets/v4';
import type { ErrorCatalogue } from '../api/errors.ts';
import { callerOf } from '../api/identity/caller.ts';
import { namesPlugin } from './names.ts';
import { scalarsPlugin } from './scalars.ts';

export interface PresetOptions {
  readonly pool: Pool;
  readonly errors: ErrorCatalogue;
  /** whether to serve Ruru, an explorer for people */
  readonly explorer: boolean;
  /** bytes */
  readonly bodyLimit: number;
  readonly maskError: (error: GraphQLError) => GraphQLError;
}

/**
 * GraphQL over the schema `scheduler`: its functions are the queries and mutations, its comments the
 * descriptions, and `@omit` in a comment keeps something out.
 */
export function makePreset(options: PresetOptions): GraphileConfig.Preset {
  return {
    extends: [PostGraphileAmberPreset],
    plugins: [PgV4SmartTagsPlugin, namesPlugin, scalarsPlugin(options.errors)],
    disablePlugins: [
      // Events have ids of their own; no global object identification beside them.
      'NodePlugin',
      'QueryQueryPlugin',
      'PgMutationPayloadEdgePlugin',
      // Rows change through functions only.
      'PgMutationCreatePlugin',
      'PgMutationUpdateDeletePlugin',
      'PgAllRowsPlugin',
      'PgRowByUniquePlugin',
    ],
    pgServices: [makePgService({ pool: options.pool, schemas: ['scheduler'], pubsub: false })],
    // A parameter without a default is one that must be given.
    gather: { pgStrictFunctions: true },
    grafast: {
      context: ({ fastifyv5 }) => {
        if (!fastifyv5) {
          throw new Error('GraphQL is served by Fastify only');
        }
        const { identity, role } = callerOf(fastifyv5.request);
        return {
          pgSettings: { 'scheduler.identity': identity, 'scheduler.identity_role': role },
        };
      },
    },
    grafserv: {
      graphqlPath: '/graphql',
      graphiql: options.explorer,
      graphiqlPath: '/graphiql',
      graphiqlOnGraphQLGET: false,
      maxRequestLength: options.bodyLimit,
      maskError: options.maskError,
      watch: false,
    },
  };
}
