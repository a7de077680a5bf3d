import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { batch, creation, replacement } from '../../db/session.ts';
import type { Operation, Outcome } from '../matrix.ts';
import type { Scene, Who } from '../scene.ts';
import { type Subject, toColumns } from '../states.ts';
import { cannotBeCreated, changedEvent, type Door, type OpenDoor, seen } from './door.ts';

const INSUFFICIENT_PRIVILEGE = '42501';

const known: readonly Who[] = ['own', 'other', 'reader', 'operator', 'none'];

/** Plain SQL of login roles. An instance is no row before something was done to it. */
export const sql: Door = {
  operations: [
    ...(['schedule', 'repeat', 'batch', 'read', 'readStatus', 'list'] as const),
    ...(['replace', 'cancel', 'grant', 'revoke'] as const),
  ],
  has: (operation, who, state) =>
    known.includes(who) &&
    !(state === 'instance' && ['read', 'readStatus', 'list'].includes(operation)) &&
    !cannotBeCreated(operation, state),
  open,
};

function open({ logins, ofLogins }: Scene): OpenDoor {
  function statement(operation: Operation, subject: Subject): [string, unknown[]] {
    const { id } = subject;
    switch (operation) {
      case 'schedule':
        return creation(toColumns({ ...changedEvent(subject), id: randomUUID() }));
      case 'repeat':
        return creation(toColumns(subject.event));
      case 'batch':
        return batch([toColumns(subject.event)]);
      case 'read':
        return ['select payload, key, headers from scheduler.event($1) where id is not null', [id]];
      case 'readStatus':
        return ['select status from scheduler.events where id = $1', [id]];
      case 'list':
        return ['select payload, key, headers from scheduler.events where id = $1', [id]];
      case 'replace':
        return replacement(id, toColumns(changedEvent(subject)));
      case 'cancel':
        return ['select id from scheduler.cancel_event($1)', [id]];
      case 'grant':
      case 'revoke':
        return [`select scheduler.${operation}_topic('corp:eve', 'free')`, []];
      default:
        throw new Error(`SQL has no ${operation}`);
    }
  }
  return {
    estate: ofLogins,
    perform: async (operation, who, subject): Promise<Outcome> => {
      const { session } = logins[who as keyof typeof logins];
      try {
        const [row] = await session.rows(...statement(operation, subject));
        if (operation === 'read' || operation === 'list') return seen(row);
        return row ? 'done' : 'not_found';
      } catch (error) {
        return refusal(error, who);
      }
    },
  };
}

/** @throws what is no error of Postgres */
function refusal(error: unknown, who: Who): Outcome {
  if (!(error instanceof pg.DatabaseError)) throw error;
  // Postgres itself refuses who has no role of ours, and functions that are not for a role.
  if (error.code === INSUFFICIENT_PRIVILEGE) {
    return who === 'none' ? 'not_identified' : 'forbidden';
  }
  return error.constraint ?? String(error.code);
}
