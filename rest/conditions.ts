import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCatalogue } from '../api/errors.ts';
import type { EventRow } from '../api/events/event-row.ts';
import type { WarningText } from '../api/series/warnings.ts';
import { toJson } from './event-json.ts';

/** Conditional requests (RFC 9110 section 13) on single events. */

/** A strong entity tag: it is another one whenever anything is that is seen of the event. */
function entityTag(event: EventRow): string {
  return tagOf(JSON.stringify(toJson(event)));
}

/** Answers with an event and its tag; a warning is no part of the event. */
export function sendEvent(
  reply: FastifyReply,
  event: EventRow,
  warnings: readonly WarningText[] = [],
): FastifyReply {
  const json = toJson(event);
  const text = JSON.stringify(json);
  const body = warnings.length > 0 ? JSON.stringify({ ...json, warnings }) : text;
  // As text: what the tag was made of need not be written a second time.
  return reply.header('etag', tagOf(text)).type('application/json; charset=utf-8').send(body);
}

/** Answers a GET with an event, or 304 to who has it already (If-None-Match). */
export function sendUnlessKnown(
  request: FastifyRequest,
  reply: FastifyReply,
  event: EventRow,
): FastifyReply {
  const given = request.headers['if-none-match'];
  if (given === undefined) {
    return sendEvent(reply, event);
  }
  const tag = entityTag(event);
  // By the weak comparison: proxies that compress weaken a tag.
  const isKnown = given.trim() === '*' || readTags(given)?.some(({ opaque }) => opaque === tag);
  return isKnown ? reply.code(304).header('etag', tag).send() : sendEvent(reply, event);
}

/**
 * What If-Match asks for.
 * @returns null: nothing that an event which exists does not fulfil
 * @throws ProblemError 400
 */
export function readIfMatch(
  { headers }: FastifyRequest,
  errors: ErrorCatalogue,
): ((event: EventRow) => boolean) | null {
  const given = headers['if-match'];
  if (given === undefined || given.trim() === '*') {
    return null;
  }
  const tags = readTags(given);
  if (!tags) {
    const detail = 'If-Match is neither * nor a list of entity tags, which stand in quotes.';
    throw errors.refusal('bad_request', { field: 'If-Match', detail });
  }
  const strong = new Set(tags.filter(({ weak }) => !weak).map(({ opaque }) => opaque));
  return (event) => strong.has(entityTag(event));
}

interface Tag {
  readonly weak: boolean;
  /** with its quotes */
  readonly opaque: string;
}

const TAG = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** @returns null: it is no list of entity tags */
function readTags(text: string): Tag[] | null {
  const isList = /^[\s,]*$/.test(text.replace(TAG, ''));
  const tags = [...text.matchAll(TAG)];
  return isList && tags.length > 0
    ? tags.map(([, weak, opaque = '']) => ({ weak: weak !== undefined, opaque }))
    : null;
}

function tagOf(text: string): string {
  return `"${hash('sha1', text, 'base64url')}"`;
}
