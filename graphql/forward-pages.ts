import './production.ts';
import 'postgraphile';

/** Arguments of a connection that every page can be had without; each is another way to ask for work. */
const NEEDLESS: ReadonlySet<string> = new Set(['last', 'before', 'offset']);

/** Connections that PostGraphile makes are pages forward, as ours are. */
export const forwardPagesPlugin: GraphileConfig.Plugin = {
  name: 'SchedulerForwardPagesPlugin',
  version: '0.0.0',
  schema: {
    hooks: {
      GraphQLObjectType_fields_field_args(args, _build, { scope }) {
        if (!scope.isPgFieldConnection) {
          return args;
        }
        const kept = Object.entries(args).filter(([name]) => !NEEDLESS.has(name));
        return Object.fromEntries(
          kept.map(([name, arg]) => [
            name,
            name === 'first' ? { ...arg, defaultValue: 100, description: 'At most so many.' } : arg,
          ]),
        );
      },
    },
  },
};
