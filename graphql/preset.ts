import './production.ts';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { makePgService } from 'postgraphile/adaptors/pg';
import type { GraphQLError } from 'postgraphile/graphql';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { PgV4SmartTagsPlugin } from 'postgraphile/presets/v4';
import type { EventsContext } from '../api/events/context.ts';
import type { Authenticator } from '../api/identity/authenticator.ts';
import { type Caller, callerOf } from '../api/identity/caller.ts';
import { attemptsPlugin } from './attempts.ts';
import { Budget } from './budget.ts';
import { connectionPlugin } from './connection.ts';
import { eventListPlugin } from './event-list.ts';
import { eventQueriesPlugin } from './event-queries.ts';
import { eventTypePlugin } from './event-type.ts';
import { forwardPagesPlugin } from './forward-pages.ts';
import { instancesPlugin } from './instances.ts';
import { limitsPlugin } from './limits.ts';
import { batchPlugin, batchWarningsPlugin, creationPlugin, mutationsPlugin } from './mutations.ts';
import { namesPlugin } from './names.ts';
import { scalarsPlugin } from './scalars.ts';
import { subscriptionsPlugin } from './subscriptions/plugin.ts';
import type { Subscriptions } from './subscriptions/subscriptions.ts';

/** What Grafserv tells of a websocket; its types do not say so for Fastify. */
interface WebsocketContext {
  readonly request: FastifyRequest;
  /** of connection_init, names in lower case */
  readonly normalizedConnectionParams: Readonly<Record<string, unknown>> | null;
}

declare global {
  namespace Grafast {
    interface RequestContext {
      ws?: WebsocketContext;
    }
    interface Context {
      /** who asks */
      caller: Caller;
      budget: Budget;
    }
  }
}

export interface PresetOptions {
  readonly pool: Pool;
  readonly events: EventsContext;
  readonly authenticator: Authenticator;
  /** null: this schema says nothing of changes yet */
  readonly subscriptions: Subscriptions | null;
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
  const { authenticator, subscriptions } = options;
  const { series } = options.events;
  return {
    extends: [PostGraphileAmberPreset],
    plugins: [
      PgV4SmartTagsPlugin,
      namesPlugin,
      scalarsPlugin(options.events.errors),
      eventTypePlugin,
      eventQueriesPlugin(options.events),
      mutationsPlugin(options.events),
      creationPlugin,
      limitsPlugin(options.events.errors),
      ...(subscriptions ? [subscriptionsPlugin(subscriptions)] : []),
      connectionPlugin,
      forwardPagesPlugin,
      ...(series
        ? [
            batchPlugin(series),
            batchWarningsPlugin,
            eventListPlugin(series),
            instancesPlugin(series),
            attemptsPlugin,
          ]
        : []),
    ],
    disablePlugins: [
      // What cannot be built is an error of ours, not a type to leave out.
      'SwallowErrorsPlugin',
      // Events have ids of their own; no global object identification beside them.
      'NodePlugin',
      'QueryQueryPlugin',
      'PgMutationPayloadEdgePlugin',
      // Rows change through functions only.
      'PgMutationCreatePlugin',
      'PgMutationUpdateDeletePlugin',
      'PgRowByUniquePlugin',
      // What has no index is neither filtered nor ordered by.
      'PgConnectionArgOrderByPlugin',
      'PgConditionArgumentPlugin',
      'PgConnectionTotalCountPlugin',
      // A mutation answers with what it changed.
      'MutationPayloadQueryPlugin',
    ],
    pgServices: [makePgService({ pool: options.pool, schemas: ['scheduler'], pubsub: false })],
    // A parameter without a default is one that must be given.
    gather: { pgStrictFunctions: true },
    schema: { pgForbidSetofFunctionsToReturnNull: true },
    grafast: {
      context: async ({ fastifyv5, ws }) => {
        const caller = ws ? await authenticator.authenticate(headersOf(ws)) : callerOver(fastifyv5);
        const { identity, role } = caller;
        return {
          caller,
          budget: new Budget(),
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
      websockets: subscriptions !== null,
      watch: false,
    },
  };
}

function callerOver(http: Grafast.RequestContext['fastifyv5'] | undefined): Caller {
  if (!http) {
    throw new Error('GraphQL is served by Fastify only');
  }
  return callerOf(http.request);
}

/** Those of the upgrade, but with the token of connection_init: browsers send no other. */
function headersOf(ws: WebsocketContext): IncomingHttpHeaders {
  const { authorization } = ws.normalizedConnectionParams ?? {};
  const { headers } = ws.request;
  return authorization === undefined
    ? headers
    : { ...headers, authorization: String(authorization) };
}
