import { collect } from './collect.ts';
import { quantiles } from './lateness.ts';
import { BATCH, BATCH_CONNECTIONS, CONNECTIONS, load, steadily, WARM_UP } from './load.ts';
import type { Site } from './site.ts';

/** creations a second where lateness is measured: half of what POST has to bear at least */
const RATE = 1_500;
/** seconds between a creation and its instant there: beyond the default horizon, as most of what is scheduled is */
const AHEAD = 12;

/** What REST takes: single creations, batches, reads of a status; lateness beside creations at a steady rate. */
export async function rest(site: Site): Promise<Record<string, number>> {
  const { options, say } = site;
  const { seconds } = options;
  const { rest: api = '' } = await (await site.start('api')).ready;
  const far = event(site, '2099-01-01T00:00:00Z');
  const creations = { url: api, next: () => ({ path: '/events', body: far }) };

  say('warming up');
  await load({ ...creations, connections: CONNECTIONS, seconds: WARM_UP });
  // First, while no cleaning up after half a million creations goes on beside it.
  say(`lateness at ${RATE} creations a second`);
  const late = await latenessAt(site, api, RATE);

  say(`single creations, ${CONNECTIONS} connections`);
  const single = await load({ ...creations, connections: CONNECTIONS, seconds });

  const batch = `[${Array.from({ length: BATCH }, () => far).join()}]`;
  say(`batches of ${BATCH}, ${BATCH_CONNECTIONS} connections`);
  const batches = await load({
    url: api,
    connections: BATCH_CONNECTIONS,
    seconds,
    next: () => ({ path: '/events/batch', body: batch }),
  });

  const { rows } = await site.database.query<{ id: string }>(
    'select id from scheduler_private.events limit 10000',
  );
  let read = 0;
  say(`status, ${CONNECTIONS} connections`);
  const statuses = await load({
    url: api,
    method: 'GET',
    connections: CONNECTIONS,
    seconds,
    next: () => ({ path: `/events/${rows[read++ % rows.length]?.id}/status` }),
  });

  return {
    'POST /events: per second': Math.round(single.perSecond),
    'POST /events: p50 ms': single.p50,
    'POST /events: p99 ms': single.p99,
    'POST /events/batch: events per second': Math.round(batches.perSecond * BATCH),
    'GET /events/{id}/status: per second': Math.round(statuses.perSecond),
    'GET /events/{id}/status: p99 ms': statuses.p99,
    'creations per second beside which lateness is measured': RATE,
    ...late,
  };
}

/**
 * Creations at a steady rate, each due some seconds later, while relay and consumer work beside it. What
 * counts became due while creations went on.
 */
async function latenessAt(site: Site, api: string, rate: number): Promise<Record<string, number>> {
  const relay = await site.start('relay');
  const seconds = site.options['warm-up'] + site.options.seconds;
  const answered = steadily({
    url: api,
    connections: CONNECTIONS,
    seconds: AHEAD + seconds,
    rate,
    next: () => ({
      path: '/events',
      body: event(site, new Date(Date.now() + AHEAD * 1_000).toISOString()),
    }),
  });
  const arrivals = await collect(site, answered);
  await relay.end(10_000);
  const counted = arrivals.slice(rate * site.options['warm-up'], rate * seconds);
  const late = quantiles(counted.map(({ lateness }) => lateness));
  return { ...late, 'arrived there': arrivals.length };
}

function event({ options, topic }: Site, scheduledAt: string): string {
  const payload = Buffer.alloc(options.bytes, 'x').toString('base64');
  return JSON.stringify({ scheduledAt, payload, destinationTopic: topic });
}
