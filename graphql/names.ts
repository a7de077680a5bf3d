import './production.ts';
import 'postgraphile';

/** Names as a caller of REST knows them, where PostGraphile would choose others. */
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
    },
  },
};
