import type { CallOptions, Transport } from './transport.ts';
import type { EventFilter, InstanceFilter, SchedulerEvent } from './types.ts';

/**
 * All events of a list, page by page as they are consumed.
 * @param path of the list
 * @param query of its first page
 * @throws SchedulerError; what came before has been given
 */
export async function* readPages(
  transport: Transport,
  path: string,
  query: URLSearchParams,
  options: CallOptions,
): AsyncGenerator<SchedulerEvent, void, undefined> {
  let page: URLSearchParams | null = query;
  while (page) {
    const request = { method: 'GET', path, query: page } as const;
    const { body, headers } = await transport.send<SchedulerEvent[]>(request, options);
    yield* body;
    page = nextPage(headers);
  }
}

/**
 * The query of the link to the next page (RFC 8288). Its path is not followed: behind a proxy it may
 * be another one, and the token goes nowhere else.
 * @returns null: this was the last one
 */
function nextPage(headers: Headers): URLSearchParams | null {
  for (const [, target = '', parameters = ''] of (headers.get('link') ?? '').matchAll(LINK)) {
    if (/;\s*rel\s*=\s*"?next"?\s*(?:;|$)/i.test(parameters)) {
      return new URL(target, 'http://localhost').searchParams;
    }
  }
  return null;
}

/** `<target>; name=value; name="value"`, of which there may be several after commas */
const LINK = /<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)/g;

/** The parameters that are given, as text; a Date is an instant. */
export function toQuery(filter: EventFilter | InstanceFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value === undefined) continue;
    query.set(name, value instanceof Date ? value.toISOString() : String(value));
  }
  return query;
}
