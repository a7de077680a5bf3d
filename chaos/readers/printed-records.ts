import { randomBytes } from 'node:crypto';
import type { LogRecord } from '../history.ts';

/**
 * Reads what Kafka's DefaultMessageFormatter prints. Fields are separated by random text, so that
 * keys, headers and payloads may contain any bytes.
 */
export class PrintedRecords {
  readonly #field = boundary('field');
  readonly #header = boundary('header');
  readonly #line = boundary('line');
  readonly #null = boundary('null');
  readonly #topic: string;
  #rest: Buffer = Buffer.alloc(0);

  /** @param topic that is printed: the formatter does not say */
  constructor(topic: string) {
    this.#topic = topic;
  }

  /** Settings of the formatter. */
  get properties(): string[] {
    return [
      ...['timestamp', 'partition', 'offset', 'headers', 'key', 'value'].map(
        (one) => `print.${one}=true`,
      ),
      `key.separator=${this.#field}`,
      `headers.separator=${this.#header}`,
      `line.separator=${this.#line}`,
      `null.literal=${this.#null}`,
    ];
  }

  /** @returns records that are complete with this piece of the output */
  take(piece: Buffer): LogRecord[] {
    const records: LogRecord[] = [];
    const bytes = Buffer.concat([this.#rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(this.#line); end >= 0; end = bytes.indexOf(this.#line, start)) {
      records.push(this.#parse(bytes.subarray(start, end)));
      start = end + this.#line.length;
    }
    this.#rest = bytes.subarray(start);
    return records;
  }

  #parse(line: Buffer): LogRecord {
    const [timestamp, partition, offset, headers, key, payload] = split(line, this.#field);
    if (!timestamp || !partition || !offset || !headers || !key || !payload) {
      throw new Error(`the console consumer printed something else than a record: ${line}`);
    }
    return {
      topic: this.#topic,
      partition: numberAfter('Partition:', partition),
      offset: numberAfter('Offset:', offset),
      key: key.equals(Buffer.from(this.#null)) ? null : key.toString(),
      // A tombstone, which nothing of ours is, reads as a payload that nobody asked for.
      payload: payload.toString('base64'),
      headers: this.#headers(headers),
      timestamp: numberAfter('CreateTime:', timestamp),
    };
  }

  #headers(printed: Buffer): Record<string, string> {
    if (printed.equals(Buffer.from('NO_HEADERS'))) return {};
    const pairs = split(printed, this.#header).map((pair) => {
      const [name, ...value] = pair.toString().split(':');
      return [name, value.join(':')];
    });
    return Object.fromEntries(pairs);
  }
}

function boundary(name: string): string {
  return `<${name} ${randomBytes(12).toString('hex')}>`;
}

function split(bytes: Buffer, separator: string): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(separator); end >= 0; end = bytes.indexOf(separator, start)) {
    parts.push(bytes.subarray(start, end));
    start = end + separator.length;
  }
  return [...parts, bytes.subarray(start)];
}

function numberAfter(label: string, printed: Buffer): number {
  const text = printed.toString();
  if (!text.startsWith(label))
    throw new Error(`the console consumer printed "${text}" for ${label}`);
  return Number(text.slice(label.length));
}
