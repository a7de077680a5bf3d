import { load } from './load.ts';
import { WARM_UP } from './rest.ts';
import type { Site } from './site.ts';

const CONNECTIONS = 64;
const BATCH = 1_000;
const BATCH_CONNECTIONS = 4;
/** events of one statement in SQL */
const PER_STATEMENT = 10_000;

const SCHEDULE_EVENT = `mutation ($input: ScheduleEventInput!) {
  scheduleEvent(input: $input) { event { id status } } }`;
const SCHEDULE_EVENTS = `mutation ($events: [EventInput!]!) {
  scheduleEvents(input: { events: $events }) { events { id } } }`;

/** What GraphQL takes, one by one and in lists; and SQL, from a table. */
export async function doors(site: Site): Promise<Record<string, number>> {
  const { options, say } = site;
  const { seconds } = options;
  const { graphql = '' } = await (await site.start('api')).ready;
  const { origin, pathname: path } = new URL(graphql);
  const event = {
    scheduledAt: '2099-01-01T00:00:00Z',
    payload: Buffer.alloc(options.bytes, 'x').toString('base64'),
    destinationTopic: site.topic,
  };

  const single = JSON.stringify({ query: SCHEDULE_EVENT, variables: { input: event } });
  const one = { url: origin, connections: CONNECTIONS, next: () => ({ path, body: single }) };
  say('warming up');
  await load({ ...one, seconds: WARM_UP });
  say(`scheduleEvent, ${CONNECTIONS} connections`);
  const singles = await load({ ...one, seconds });

  const many = JSON.stringify({
    query: SCHEDULE_EVENTS,
    variables: { events: Array.from({ length: BATCH }, () => event) },
  });
  say(`scheduleEvents of ${BATCH}, ${BATCH_CONNECTIONS} connections`);
  const lists = await load({
    url: origin,
    connections: BATCH_CONNECTIONS,
    seconds,
    next: () => ({ path, body: many }),
  });

  say(`schedule_events from a table of ${options.events} rows`);
  return {
    'scheduleEvent: per second': Math.round(singles.perSecond),
    'scheduleEvent: p99 ms': singles.p99,
    'scheduleEvents: events per second': Math.round(lists.perSecond * BATCH),
    'schedule_events: events per second': Math.round(options.events / (await inSql(site))),
  };
}

/** @returns seconds that it takes to schedule a table's rows, some at a time, one transaction each */
async function inSql({ database, options, topic }: Site): Promise<number> {
  await database.query(
    `create temporary table given as
     select row(null, '2099-01-01T00:00:00Z', null, convert_to(repeat('x', $1), 'UTF8'), $2,
       null, null, null, null, null, null, null, null)::scheduler.event_input as event, n
     from generate_series(1, $3::int) as n`,
    [options.bytes, topic, options.events],
  );
  await database.query('create index on given (n)');
  const begin = performance.now();
  for (let done = 0; done < options.events; done += PER_STATEMENT) {
    await database.query(
      `select count(*) from scheduler.schedule_events(array(
         select event from given where n > $1 and n <= $1 + $2))`,
      [done, PER_STATEMENT],
    );
  }
  return (performance.now() - begin) / 1000;
}
