import { randomUUID } from 'node:crypto';
import { type Json, send } from '../../api/harness.ts';
import type { Operation, Outcome } from '../matrix.ts';
import type { Scene, Who } from '../scene.ts';
import type { Subject } from '../states.ts';
import { cannotBeCreated, changedEvent, type Door, type OpenDoor, seen } from './door.ts';

/** REST: it has no grants. */
export const rest: Door = {
  operations: [
    ...(['schedule', 'repeat', 'batch', 'read', 'readStatus', 'list', 'instances'] as const),
    ...(['replace', 'cancel'] as const),
  ],
  has: (operation, _who, state) =>
    !(state === 'instance' && operation === 'list') && !cannotBeCreated(operation, state),
  open,
};

function open({ api, headers, ofTokens }: Scene): OpenDoor {
  async function ask(who: Who, method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await send(`${api.api.rest}${path}`, method, body, headers[who]);
    return answer.status < 300 ? answer.json : new Refused(String(answer.json.code));
  }

  async function perform(operation: Operation, who: Who, subject: Subject): Promise<unknown> {
    const path = `/events/${subject.id}`;
    switch (operation) {
      case 'schedule':
        return ask(who, 'POST', '/events', { ...changedEvent(subject), id: randomUUID() });
      case 'repeat':
        return ask(who, 'POST', '/events', subject.event);
      case 'batch':
        return ask(who, 'POST', '/events/batch', [subject.event]);
      case 'list':
        return ask(who, 'GET', '/events?limit=1000');
      case 'read':
        return ask(who, 'GET', path);
      case 'readStatus':
        return ask(who, 'GET', `${path}/status`);
      case 'instances':
        return ask(who, 'GET', `${path}/instances?limit=2`);
      case 'replace':
        return ask(who, 'PUT', path, changedEvent(subject));
      case 'cancel':
        return ask(who, 'PATCH', `${path}/cancel`);
      default:
        throw new Error(`REST has no ${operation}`);
    }
  }

  return {
    estate: ofTokens,
    perform: async (operation, who, subject): Promise<Outcome> => {
      const answer = await perform(operation, who, subject);
      if (answer instanceof Refused) return answer.code;
      if (operation === 'list') return seen((answer as Json[]).find(({ id }) => id === subject.id));
      return operation === 'read' ? seen(answer) : 'done';
    },
  };
}

class Refused {
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }
}
