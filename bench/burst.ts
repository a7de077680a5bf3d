import { setTimeout as sleep } from 'node:timers/promises';
import { collect } from './collect.ts';
import type { Site } from './site.ts';

/** Seconds that loading an event takes at most; the instant lies behind the loading. */
const LOAD = 1 / 4_000;
const FAR = 10 * 365 * 86_400;

/** N events due at one instant: how long until all are confirmed, and all are on the topic once. */
export async function burst(site: Site): Promise<Record<string, number>> {
  const { options, database, say } = site;
  if (options.waiting > 0) {
    say(`${options.waiting} events that wait`);
    await site.schedule(options.waiting, FAR, 1);
  }
  const waitingSeries = options['waiting-series'];
  if (waitingSeries > 0) {
    say(`${waitingSeries} series that wait`);
    await site.scheduleSeries(waitingSeries, FAR, 'RRULE:FREQ=DAILY');
    await site.start('relay');
    await untilExpanded(site);
  }
  const delay = 5 + options.events * LOAD;
  const { rows } = await database.query<{ instant: string }>(
    `select to_char((now() + $1 * interval '1 second') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as instant`,
    [delay],
  );
  const instant = rows[0]?.instant as string;
  say(`${options.events} events due at ${instant}`);
  await site.scheduleAt(options.events, instant);
  await database.query('vacuum analyze');
  if (waitingSeries === 0) await site.start('relay');
  const left = async () => {
    const answer = await database.query<{ left: number; early: boolean }>(
      `select count(*)::int as left, now() < $1::timestamptz as early from scheduler_private.events
       where due_at is not null and destination_topic = $2 and due_at <= $1::timestamptz`,
      [instant, site.topic],
    );
    return answer.rows[0];
  };
  const before = await left();
  if (!before?.early) throw new Error('loading took longer than planned: the instant has passed');
  while ((await left())?.left !== 0) await sleep(500);
  const measured = await database.query<{ seconds: number; first: number }>(
    `select extract(epoch from max(published_at) - $1::timestamptz)::float8 as seconds,
       extract(epoch from min(published_at) - $1::timestamptz)::float8 as first
     from scheduler_private.events where published_at is not null`,
    [instant],
  );
  const { seconds = 0, first = 0 } = measured.rows[0] ?? {};
  say('counting what is on the topic');
  const received = await collect(site, options.events);
  const distinct = new Set(received.map((one) => one.id)).size;
  return {
    'events per second': Math.round(options.events / seconds),
    seconds: round(seconds),
    'first confirmed after seconds': round(first),
    'on the topic': received.length,
    'distinct on the topic': distinct,
  };
}

async function untilExpanded({ database }: Site): Promise<void> {
  const marked =
    'select count(*)::int as marked from scheduler_private.events where expand_by is not null';
  while ((await database.query<{ marked: number }>(marked)).rows[0]?.marked !== 0) await sleep(500);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
