import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KafkaService } from '../../local/services.ts';
import { query } from '../harness/database.ts';
import { type OwnPostgres, ownKafka, ownPostgres } from '../harness/own-services.ts';
import { untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../harness/stage.ts';

let kafka: KafkaService;
let postgres: OwnPostgres;
let stage: Stage;

beforeAll(async () => {
  kafka = await ownKafka('resume');
  postgres = await ownPostgres('resume');
  stage = await setStage('resume', { brokers: kafka.brokers, database: postgres.database });
});

afterAll(async () => {
  await stage?.close();
  await Promise.all([kafka?.dispose(), postgres?.dispose()]);
});

const OUTAGES = 10;

/** Seconds from now until each of the events was published. */
async function untilPublished(ids: string[]): Promise<number[]> {
  const [clock] = await query<{ now: string }>(
    stage.database.url,
    'select clock_timestamp()::text as now',
  );
  await expectPublishedOnce(stage, ids);
  const rows = await query<{ seconds: number }>(
    stage.database.url,
    `select extract(epoch from published_at - $1::timestamptz)::float8 as seconds
     from scheduler_private.events where id = any ($2)`,
    [clock?.now, ids],
  );
  return rows.map(({ seconds }) => seconds);
}

test.each(['Kafka', 'Postgres'] as const)(
  'when %s is back after a crash, every lane publishes again within 3 s',
  async (which) => {
    const service = which === 'Kafka' ? kafka : postgres;
    const relay = stage.relay({ settings: { LEASE_SECONDS: '3', POLL_SECONDS: '5' } });
    await untilReady(relay);
    const seconds: number[] = [];
    for (let outage = 0; outage < OUTAGES; outage++) {
      await expectPublishedOnce(stage, await schedule(stage, { count: 20 }));
      const waiting = await schedule(stage, {
        count: 40,
        at: new Date(Date.now() + 1_000).toISOString(),
      });
      await service.stop('immediate');
      await service.start();
      seconds.push(Math.max(...(await untilPublished(waiting))));
    }
    seconds.sort((a, b) => a - b);
    const median = seconds[OUTAGES / 2] ?? Number.NaN;
    const longest = seconds.at(-1) ?? Number.NaN;
    process.stderr.write(
      `${which} back after ${OUTAGES} crashes: all lanes publish after ${median.toFixed(2)} s (median), ${longest.toFixed(2)} s at most\n`,
    );
    expect(longest).toBeLessThan(3);
    await relay.stop();
  },
  600_000,
);
