import { expect } from 'vitest';
import { type Answer, type Json, newEvent, type TestApi } from '../harness.ts';

/** The series of the old system's documentation, ten years later. */
export const daily: Json = {
  scheduledAt: '2035-04-15T10:00:00',
  timezone: 'Asia/Tokyo',
  payload: 'aGVsbG8gd29ybGQK',
  destinationTopic: 'a-destination-topic',
  endsAt: '2035-04-15T10:30:00',
  recurrence:
    'RRULE:FREQ=DAILY;COUNT=10\nEXDATE;VALUE=DATE-TIME:20350423T010000Z\nRDATE;VALUE=DATE-TIME:20350430T010000Z',
};

export type Series = Json & { readonly id: string };

/** What clients do with series, over REST. */
export function seriesClient(it: () => TestApi) {
  const request: TestApi['request'] = (...of) => it().request(...of);

  async function create(fields: Json = {}): Promise<Series> {
    const event = newEvent({ ...daily, ...fields });
    const { status, json } = await request('POST', '/events', event);
    expect({ status, json }).toMatchObject({ status: 201 });
    return { ...json, id: event.id };
  }

  const get = (id: string) => request('GET', `/events/${id}`);
  const put = (id: string, body: Json) => request('PUT', `/events/${id}`, body);
  const cancel = (id: string) => request('PATCH', `/events/${id}/cancel`);
  const page = (id: string, query = '') => request('GET', `/events/${id}/instances${query}`);

  /** All instances, page by page. */
  async function list(id: string, query = ''): Promise<Json[]> {
    const found: Json[] = [];
    for (let path: string | undefined = `/events/${id}/instances${query}`; path; ) {
      const answer: Answer = await request('GET', path);
      expect(answer).toMatchObject({ status: 200 });
      found.push(...(answer.json as unknown as Json[]));
      path = nextOf(answer);
    }
    return found;
  }

  /** PUTs what GET gives, with some fields changed. */
  async function change(id: string, fields: Json): Promise<Answer> {
    return put(id, { ...(await get(id)).json, ...fields });
  }

  return { create, get, put, cancel, page, list, change };
}

/** Where the next page is. */
export function nextOf({ headers }: Answer): string | undefined {
  return /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
}

/** `2035-04-24T01:00:00Z` as the timestamp of an instance id. */
export function stamp(instant: string): string {
  return instant.replaceAll(/[-:]/g, '');
}

export function field(name: string): (event: Json) => unknown {
  return (event) => event[name];
}
