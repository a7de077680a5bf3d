import { BATCH, BATCH_CONNECTIONS, CONNECTIONS, load, WARM_UP } from './load.ts';
import type { Site } from './site.ts';

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

  const perSecond = async (fn: string, sessions: number) => {
    say(`${fn} from a table of ${options.events} rows, ${sessions} sessions`);
    return Math.round(options.events / (await inSql(site, fn, sessions)));
  };
  return {
    'scheduleEvent: per second': Math.round(singles.perSecond),
    'scheduleEvent: p99 ms': singles.p99,
    'scheduleEvents: events per second': Math.round(lists.perSecond * BATCH),
    'schedule_events: events per second, one session': await perSecond('schedule_events', 1),
    'schedule_events: events per second, two sessions': await perSecond('schedule_events', 2),
    'import_events: events per second, one session': await perSecond('import_events', 1),
    'import_events: events per second, two sessions': await perSecond('import_events', 2),
  };
}

/** @returns seconds that it takes to schedule a table's rows, some at a time, each time a transaction */
async function inSql(site: Site, fn: string, sessions: number): Promise<number> {
  const { database, options, topic } = site;
  await database.query('drop table if exists given');
  await database.query(
    `create table given as
     select row(null, '2099-01-01T00:00:00Z', null, convert_to(repeat('x', $1), 'UTF8'), $2,
       null, null, null, null, null, null, null, null)::scheduler.event_input as event, n
     from generate_series(0, $3::int - 1) as n`,
    [options.bytes, topic, options.events],
  );
  await database.query('create index on given (n)');
  await database.query('analyze given');
  const clients = await Promise.all(Array.from({ length: sessions }, () => site.connect()));
  let next = 0;
  const begin = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      while (next < options.events) {
        const first = next;
        next += PER_STATEMENT;
        await client.query(
          `select count(*) from scheduler.${fn}(array(
             select event from given where n >= $1 and n < $1 + $2))`,
          [first, PER_STATEMENT],
        );
      }
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  return seconds;
}
