import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { withDatabase } from '../db/connect.ts';
import { migrate } from '../db/migrate.ts';
import { roleUrl } from '../db/roles.ts';
import { type Child, startChild } from '../local/children.ts';
import type { KafkaService, PostgresService } from '../local/services.ts';

type Options = Record<
  | 'events'
  | 'bytes'
  | 'rate'
  | 'seconds'
  | 'warm-up'
  | 'lanes'
  | 'ahead'
  | 'waiting'
  | 'waiting-series',
  number
>;

/** Where a measurement takes place: a database, a topic and a relay of its own. */
export interface Site {
  readonly options: Options;
  /** connection of the DBA */
  readonly database: pg.Client;
  /** @returns one more of its kind, to be ended */
  connect(): Promise<pg.Client>;
  readonly kafka: Kafka;
  readonly topic: string;
  readonly say: (line: string) => void;
  start(program: 'relay' | 'api'): Promise<Child>;
  /** Creates events, the first due `offset` seconds from now, each `step` seconds after the other. */
  schedule(count: number, offset: number, step: number): Promise<void>;
  /** Creates events that are all due at one instant (RFC 3339). */
  scheduleAt(count: number, instant: string): Promise<void>;
  /** Creates series of one rule that begin `offset` whole seconds from now; missed = all. */
  scheduleSeries(count: number, offset: number, recurrence: string): Promise<void>;
  close(): Promise<void>;
}

interface Preparation {
  readonly postgres: PostgresService;
  readonly kafka: KafkaService;
  readonly options: Options;
  readonly say: (line: string) => void;
}

const PER_STATEMENT = 5_000;

export async function prepareSite({ postgres, kafka, options, say }: Preparation): Promise<Site> {
  const name = `bench_${randomUUID().slice(0, 8)}`;
  const server = new pg.Client({ connectionString: postgres.url });
  await server.connect();
  await server.query(`create database ${name}`);
  const url = withDatabase(postgres.url, name);
  await migrate({ databaseUrl: url, say });
  const connect = async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client;
  };
  const database = await connect();
  await database.query('select scheduler.set_lane_count($1)', [options.lanes]);
  await database.query(
    `update scheduler_private.settings set look_ahead = $1 * interval '1 millisecond'`,
    [options.ahead],
  );

  const topic = name;
  const client = new Kafka({ brokers: kafka.brokers, clientId: 'bench', logLevel: logLevel.ERROR });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 6 }], waitForLeaders: true });
  await admin.disconnect();

  const store = async (
    count: number,
    scheduledAt: string,
    parameters: unknown[],
    recurs = 'null, null, null, null',
  ) => {
    await database.query('begin');
    for (let done = 0; done < count; done += PER_STATEMENT) {
      await database.query(
        `select scheduler_private.store_events(array(
           select row(null, ${scheduledAt}, null, convert_to(repeat('x', $1), 'UTF8'), $2,
             null, ${recurs}, null, null, null)::scheduler.event_input
           from generate_series($3::int, $3::int + ${Math.min(PER_STATEMENT, count - done)} - 1) as number
         ), true)`,
        [options.bytes, topic, done, ...parameters],
      );
    }
    await database.query('commit');
  };
  const children: Child[] = [];
  const env = {
    ...process.env,
    DATABASE_URL: url,
    API_DATABASE_URL: roleUrl(url, 'scheduler_api'),
    RELAY_DATABASE_URL: roleUrl(url, 'scheduler_relay'),
    KAFKA_BROKERS: kafka.brokers.join(','),
    DEPLOYMENT: name,
    PORT: '0',
  };
  return {
    options,
    database,
    connect,
    kafka: client,
    topic,
    say,
    start: async (program) => {
      const child = startChild({ name: program, program: `${program}/main.ts`, env, pass: say });
      children.push(child);
      await child.ready;
      return child;
    },
    schedule: (count, offset, step) =>
      store(
        count,
        `to_char((now() + ($4::float8 + number * $5::float8) * interval '1 second') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
        [offset, step],
      ),
    scheduleSeries: (count, offset, recurrence) =>
      store(
        count,
        `to_char((now() + $4::float8 * interval '1 second') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
        [offset, recurrence],
        `$5::text, null, null, 'all'`,
      ),
    scheduleAt: (count, instant) => store(count, '$4::text', [instant]),
    close: async () => {
      await Promise.all(children.map((child) => child.end(10_000)));
      await database.end();
      await server.query(`drop database ${name} with (force)`);
      await server.end();
    },
  };
}
