import { setTimeout as sleep } from 'node:timers/promises';
import { collect } from './collect.ts';
import type { Site } from './site.ts';

const OCCURRENCES = 10;
const WARM_UP = 200;

/**
 * Occurrences that are overdue when they are created: N of one minute, ten of each series, then N / 5 of one
 * series that catches up. Expansion included, in a relay that has published before.
 */
export async function series(site: Site): Promise<Record<string, number>> {
  const { options, say } = site;
  const many = options.events / OCCURRENCES;
  await site.start('relay');
  await site.scheduleSeries(WARM_UP, -1, 'RRULE:FREQ=SECONDLY;COUNT=1');
  await untilPublished(site, WARM_UP);
  say(`${many} series of ${OCCURRENCES} occurrences`);
  await site.scheduleSeries(many, -61, `RRULE:FREQ=SECONDLY;INTERVAL=6;COUNT=${OCCURRENCES}`);
  const together = await untilPublished(site, WARM_UP + many);
  const alone = options.events / 5;
  say(`one series of ${alone} occurrences`);
  await site.scheduleSeries(1, -alone - 1, `RRULE:FREQ=SECONDLY;COUNT=${alone}`);
  const one = await untilPublished(site, WARM_UP + many + 1);
  say('counting what is on the topic');
  const received = await collect(site, WARM_UP + options.events + alone);
  return {
    'occurrences per second, many series': Math.round(options.events / together),
    'occurrences per second, one series that catches up': Math.round(alone / one),
    'on the topic': received.length,
    'distinct on the topic': new Set(received.map(({ id }) => id)).size,
  };
}

/** Seconds from now until so many series are finished. */
async function untilPublished({ database }: Site, count: number): Promise<number> {
  const { rows } = await database.query<{ now: Date }>('select clock_timestamp() as now');
  const begin = rows[0]?.now;
  for (;;) {
    const answer = await database.query<{ published: number; seconds: number }>(
      `select count(*)::int as published, extract(epoch from max(published_at) - $1::timestamptz)::float8 as seconds
       from scheduler_private.events where recurs and status = 'PUBLISHED'`,
      [begin],
    );
    const { published = 0, seconds = 0 } = answer.rows[0] ?? {};
    if (published === count) return seconds;
    await sleep(200);
  }
}
