import { randomUUID } from 'node:crypto';
import { type Json, send } from '../../api/harness.ts';
import type { Operation, Outcome } from '../matrix.ts';
import type { Scene } from '../scene.ts';
import type { Subject } from '../states.ts';
import { cannotBeCreated, changedEvent, type Door, type OpenDoor, seen } from './door.ts';

const documents: Partial<Record<Operation, string>> = {
  schedule:
    'mutation ($input: ScheduleEventInput!) { it: scheduleEvent(input: $input) { event { id } } }',
  repeat:
    'mutation ($input: ScheduleEventInput!) { it: scheduleEvent(input: $input) { event { id } } }',
  batch:
    'mutation ($input: ScheduleEventsInput!) { it: scheduleEvents(input: $input) { events { id } } }',
  read: 'query ($id: String!) { it: event(id: $id) { payload key headers } }',
  readStatus: 'query ($id: String!) { it: event(id: $id) { status } }',
  list: '{ it: events(first: 1000) { nodes { id payload key headers } } }',
  instances:
    'query ($id: String!) { event(id: $id) { it: instances(first: 2) { nodes { payload key headers } } } }',
  replace:
    'mutation ($id: String!, $event: EventInput!) { it: replaceEvent(input: { id: $id, event: $event }) { event { id } } }',
  cancel: 'mutation ($id: String!) { it: cancelEvent(input: { id: $id }) { event { id } } }',
  grant:
    'mutation { it: grantTopic(input: { identity: "corp:eve", topic: "free" }) { clientMutationId } }',
  revoke:
    'mutation { it: revokeTopic(input: { identity: "corp:eve", topic: "free" }) { clientMutationId } }',
};

export const graphql: Door = {
  operations: Object.keys(documents) as Operation[],
  has: (operation, _who, state) =>
    operation === 'instances'
      ? state === 'series'
      : !(state === 'instance' && operation === 'list') && !cannotBeCreated(operation, state),
  open,
};

function open({ api, headers, ofTokens }: Scene): OpenDoor {
  function variables(operation: Operation, subject: Subject): Json {
    switch (operation) {
      case 'schedule':
        return { input: { ...changedEvent(subject), id: randomUUID() } };
      case 'repeat':
        return { input: subject.event };
      case 'batch':
        return { input: { events: [subject.event] } };
      case 'replace':
        return { id: subject.id, event: changedEvent(subject) };
      default:
        return { id: subject.id };
    }
  }
  return {
    estate: ofTokens,
    perform: async (operation, who, subject): Promise<Outcome> => {
      const body = { query: documents[operation], variables: variables(operation, subject) };
      const { json } = await send(api.api.graphql, 'POST', body, headers[who]);
      // Who is not let in gets the problem that REST has.
      const refused = (json.errors as [{ extensions?: Json }])?.[0]?.extensions?.code ?? json.code;
      if (refused !== undefined) return String(refused);
      const { it, event } = json.data as { it?: unknown; event?: unknown };
      if (operation === 'read') return seen(it);
      if (operation === 'list') return seen((it as Page).nodes.find(({ id }) => id === subject.id));
      return (operation === 'instances' ? event : it) === null ? 'not_found' : 'done';
    },
  };
}

interface Page {
  readonly nodes: readonly Json[];
}
