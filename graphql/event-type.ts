import './production.ts';
import 'postgraphile';
import { PgSelectSingleStep } from 'postgraphile/@dataplan/pg';
import { get } from 'postgraphile/grafast';

/**
 * The type Event, made of the view scheduler.events, reads an EventRow, as every function of api/events and
 * api/series gives it: an instance that is stored nowhere is an event like all others.
 */
export const eventTypePlugin: GraphileConfig.Plugin = {
  name: 'SchedulerEventTypePlugin',
  version: '0.0.0',
  schema: {
    hooks: {
      GraphQLObjectType(config) {
        return config.name === 'Event' ? { ...config, assertStep: null } : config;
      },
      GraphQLObjectType_fields_field(field, _build, { Self, scope }) {
        const { plan } = field;
        if (Self.name !== 'Event' || !scope.pgFieldAttribute || !plan) {
          return field;
        }
        return {
          ...field,
          // A row of SQL comes from scheduleEvents on a schema of the release before, and from nowhere else.
          plan: ($event, args, info) =>
            $event instanceof PgSelectSingleStep
              ? plan($event, args, info)
              : get($event, scope.fieldName),
        };
      },
    },
  },
};
