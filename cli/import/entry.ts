import { v5 } from 'uuid';
import { encodePayload, type Payload } from '../../client/event.ts';
import type { SchedulableEvent } from '../../client/index.ts';

/** One record of a file, or why it is none. */
export type FileRecord = { readonly line: number } & (
  | { readonly fields: Readonly<Record<string, unknown>> }
  | { readonly broken: string }
);

/** An event of a file. */
export interface Entry {
  /** where it is, from 1; of several lines the last */
  readonly line: number;
  readonly event: SchedulableEvent;
}

export interface EntryOptions {
  /** what a payload is that is text */
  readonly payloadEncoding: 'base64' | 'utf8';
  /** events of another namespace have other ids */
  readonly namespace: string;
}

/** Of ids that follow from content: arbitrary, and for ever the same. */
const IMPORTS = '5f0c1e1a-8c5b-4d0e-9a57-3f6f6e2b7c11';

/** Makes events of records, with the same ids whenever the same file is read. */
export class EntryMaker {
  readonly #options: EntryOptions;
  readonly #namespace: string;
  /** how often each content has come already */
  readonly #seen = new Map<string, number>();

  constructor(options: EntryOptions) {
    this.#options = options;
    this.#namespace = v5(options.namespace, IMPORTS);
  }

  /** @param fields of an event as REST has them; a payload that is no text is JSON */
  make(line: number, fields: Readonly<Record<string, unknown>>): Entry {
    const { payload, ...rest } = fields;
    const event = { ...rest, ...(payload !== undefined && { payload: this.#encode(payload) }) };
    const id = typeof rest.id === 'string' && rest.id !== '' ? rest.id : this.#deriveId(event);
    // The API judges what the file says, and names the field.
    return { line, event: { ...event, id } as SchedulableEvent };
  }

  #encode(payload: unknown): string {
    const isEncoded = typeof payload === 'string' && this.#options.payloadEncoding === 'base64';
    return isEncoded ? payload : encodePayload(payload as Payload);
  }

  /** Of the content, and of its number among equals: two equal lines are two events. */
  #deriveId(event: object): string {
    const fields = Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1));
    const content = v5(JSON.stringify(fields), this.#namespace);
    const number = this.#seen.get(content) ?? 0;
    this.#seen.set(content, number + 1);
    return number === 0 ? content : v5(`${content} ${number}`, this.#namespace);
  }
}
