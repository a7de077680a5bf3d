import './production.ts';
import 'postgraphile';
import {
  type GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  getNamedType,
} from 'postgraphile/graphql';

/** Names and descriptions as a caller of REST knows them, where PostGraphile would choose others. */
export const namesPlugin: GraphileConfig.Plugin = {
  name: 'SchedulerNamesPlugin',
  version: '0.0.0',
  inflection: {
    replace: {
      // An event's id is its id: there is no node id that it could be mistaken for.
      _attributeName(previous, _preset, details) {
        return previous?.({ ...details, skipRowId: true }) ?? details.attributeName;
      },
      // EventInput for the composite type event_input, and not for the view, which nobody writes to.
      inputType(previous, _preset, typeName) {
        const names: Record<string, string> = { Event: 'EventRow', EventInputRecord: 'Event' };
        return previous?.(names[typeName] ?? typeName) ?? typeName;
      },
      allRowsConnection(_previous, _preset, resource) {
        return this.camelCase(resource.name);
      },
    },
  },
  schema: {
    hooks: {
      GraphQLObjectType_fields_field(field, _build, { Self, scope }) {
        const description = DESCRIPTIONS[`${Self.name}.${scope.fieldName}`];
        return description === undefined ? field : { ...field, description };
      },
      GraphQLInputObjectType(config, build) {
        const { eventInput } = build.pgCodecs;
        return config.name === 'EventInput' && eventInput?.description !== undefined
          ? { ...config, description: eventInput.description }
          : config;
      },
      GraphQLInputObjectType_fields(fields, build, { Self }) {
        if (Self.name === 'ScheduleEventsInput' && fields.events) {
          const { events } = fields;
          const item = getNamedType(events.type) as GraphQLInputObjectType;
          const type = new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(item)));
          return { ...fields, events: { ...events, type } };
        }
        return Self.name === 'ScheduleEventInput' ? withComments(fields, build) : fields;
      },
    },
  },
};

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'Query.event':
    'The event, series or instance with this id; null when there is none that the caller may see.',
  'Query.topicGrants':
    'Which topics the events of an identity may go to: an operator sees all grants, others their own.',
};

/** The parameters of scheduler.schedule_event are the fields of event_input, which have comments. */
function withComments<Fields extends Record<string, object>>(
  fields: Fields,
  build: GraphileBuild.Build,
): Fields {
  const attributes = Object.entries(build.pgCodecs.eventInput?.attributes ?? {});
  const comments = new Map(
    attributes.map(([name, { description }]) => [build.inflection.camelCase(name), description]),
  );
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const description = comments.get(name);
      return [name, description === undefined ? field : { ...field, description }];
    }),
  ) as Fields;
}
