import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What may stand in a log and in a URN as it is. */
const SANE = /^[\w.~:+/=@-]{1,128}$/;

/** The id of a request: the caller's X-Request-Id if it is sane, else a new one. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && SANE.test(given) ? given : randomUUID();
}
