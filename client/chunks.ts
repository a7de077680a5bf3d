/** What one batch may hold: events, and bytes of the body (16 MiB) less some for what is around them. */
const GREATEST_COUNT = 10_000;
const GREATEST_SIZE = 16 * 1024 * 1024 - 1024;

/**
 * Cuts events into batches that one request can carry.
 * @param count most events of a batch, at most 10,000
 */
export async function* toChunks<Event>(
  events: Iterable<Event> | AsyncIterable<Event>,
  count: number = GREATEST_COUNT,
): AsyncGenerator<Event[], void, undefined> {
  const most = Math.min(count, GREATEST_COUNT);
  const encoder = new TextEncoder();
  let chunk: Event[] = [];
  let size = 0;
  for await (const event of events) {
    const bytes = encoder.encode(JSON.stringify(event)).length + 1;
    if (chunk.length > 0 && (chunk.length >= most || size + bytes > GREATEST_SIZE)) {
      yield chunk;
      chunk = [];
      size = 0;
    }
    chunk.push(event);
    size += bytes;
  }
  if (chunk.length > 0) yield chunk;
}
