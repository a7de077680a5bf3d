import { TextDecoder } from 'node:util';
import type { FastifyRequest } from 'fastify';
import type { ErrorCatalogue } from './errors.ts';
import { mapInSlices } from './in-slices.ts';

/** Deeper than anything that REST or GraphQL takes; what handles a body further on may recurse. */
const DEPTH_LIMIT = 32;

/**
 * A body parser for application/json that lets nothing through that Postgres cannot store as text:
 * NUL, lone surrogates and bytes that are not UTF-8 are refused, not replaced.
 */
export function jsonParser(errors: ErrorCatalogue) {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  return async (_request: FastifyRequest, body: Buffer): Promise<unknown> => {
    if (body.length === 0) {
      throw errors.refusal('malformed_json', { detail: 'The body is empty.' });
    }
    const parsed = parse(decode(utf8, body, errors), errors);
    const refuse = (fault: Fault | undefined) => {
      if (fault) {
        throw errors.refusal('invalid_event', { field: fault.path, detail: fault.detail });
      }
    };
    if (Array.isArray(parsed)) {
      // There may be very many.
      await mapInSlices(parsed, (item, index) => refuse(findInItem(item, index, DEPTH_LIMIT - 1)));
    } else {
      refuse(findFault(parsed, DEPTH_LIMIT));
    }
    return parsed;
  };
}

function decode(utf8: TextDecoder, body: Buffer, errors: ErrorCatalogue): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw errors.refusal('malformed_json', { detail: 'The body is not UTF-8.', cause });
  }
}

function parse(text: string, errors: ErrorCatalogue): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // V8's message quotes the body, which may be a payload; its position is enough.
    const position = /at position \d+/.exec(cause instanceof Error ? cause.message : '')?.[0];
    const detail = position ? `It is not JSON ${position}.` : 'It is not JSON, or ends too early.';
    throw errors.refusal('malformed_json', { detail, cause });
  }
}

interface Fault {
  /** JSON path of what is at fault */
  readonly path: string;
  readonly detail: string;
}

function findFault(value: unknown, depth: number): Fault | undefined {
  if (typeof value === 'string') {
    return faultOfText(value);
  }
  if (value === null || typeof value !== 'object') {
    return undefined;
  }
  if (depth === 0) {
    return { path: '', detail: `It is nested more than ${DEPTH_LIMIT} levels deep.` };
  }
  return Array.isArray(value) ? findInArray(value, depth - 1) : findInObject(value, depth - 1);
}

function findInArray(items: readonly unknown[], depth: number): Fault | undefined {
  for (let index = 0; index < items.length; index++) {
    const fault = findInItem(items[index], index, depth);
    if (fault) {
      return fault;
    }
  }
  return undefined;
}

function findInItem(item: unknown, index: number, depth: number): Fault | undefined {
  const fault = findFault(item, depth);
  return fault && { ...fault, path: join(`[${index}]`, fault.path) };
}

function findInObject(object: object, depth: number): Fault | undefined {
  for (const [name, value] of Object.entries(object)) {
    const ofName = faultOfText(name);
    if (ofName) {
      return ofName;
    }
    const fault = findFault(value, depth);
    if (fault) {
      return { ...fault, path: join(name, fault.path) };
    }
  }
  return undefined;
}

function faultOfText(text: string): Fault | undefined {
  if (text.includes('\0')) {
    const detail = 'It contains the character NUL (\\u0000), which text here cannot have.';
    return { path: '', detail };
  }
  return text.isWellFormed()
    ? undefined
    : { path: '', detail: 'It contains half of a surrogate pair, which is no Unicode text.' };
}

function join(step: string, rest: string): string {
  return rest === '' || rest.startsWith('[') ? `${step}${rest}` : `${step}.${rest}`;
}
