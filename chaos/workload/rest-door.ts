import type { EventVersion } from '../history.ts';
import { recurrenceOf } from '../series.ts';
import { type Door, OK, type Outcome, timeOf, wallTimeOf } from './door.ts';

/** ms after which a caller gives up */
const PATIENCE = 5_000;

/** @param base URL of the API, which may be away at any time */
export function restDoor(base: string): Door {
  return {
    name: 'rest',
    create: (id, version) => call(`${base}/events`, 'POST', { id, ...body(version) }),
    replace: (id, version) => call(`${base}/events/${id}`, 'PUT', body(version)),
    cancel: (id) => call(`${base}/events/${id}/cancel`, 'PATCH'),
    close: async () => undefined,
  };
}

function body({ instant, topic, key, payload, headers, rule }: EventVersion): object {
  const when = rule
    ? { scheduledAt: wallTimeOf(instant), timezone: 'UTC', recurrence: recurrenceOf(rule) }
    : { scheduledAt: timeOf(instant) };
  return { ...when, destinationTopic: topic, key, payload, headers };
}

async function call(url: string, method: string, json?: object): Promise<Outcome> {
  try {
    const answer = await fetch(url, {
      method,
      signal: AbortSignal.timeout(PATIENCE),
      ...(json && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }),
    });
    const said = (await answer.json()) as { readonly code?: string };
    if (answer.ok) return OK;
    // Only an answer that says so means that nothing was done.
    return { outcome: answer.status < 500 ? 'refused' : 'unknown', code: said.code ?? null };
  } catch (error) {
    return { outcome: 'unknown', code: error instanceof Error ? error.name : null };
  }
}
