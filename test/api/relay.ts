import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { finish as finishWork, Zones } from '../../recurrence/index.ts';
import type { MarkedSeries } from '../../relay/expansion/marked-series.ts';
import { planExpansion } from '../../relay/expansion/plan-expansion.ts';

interface Batch {
  readonly lane: number;
  readonly fence: string;
  readonly id: string;
}

/** What a relay does in the database, without Kafka. */
export interface TestRelay {
  /** Works out the next occurrences of all series. */
  expandAll(): Promise<void>;
  /** Claims everything that is scheduled, whenever it is due. */
  claimAll(): Promise<void>;
  /** All that was claimed is PUBLISHED. */
  confirm(): Promise<void>;
  /** Nothing that was claimed was published. */
  discard(): Promise<void>;
  quarantine(lane: number, reason: string): Promise<void>;
  close(): Promise<void>;
}

/** A relay that owns every lane of a database, as its login role. */
export async function testRelay(relayUrl: string): Promise<TestRelay> {
  const client = new pg.Client({ connectionString: relayUrl });
  await client.connect();
  const relay = randomUUID();
  const fences = new Map<number, string>();
  for (;;) {
    const { rows } = await client.query<{ lane: number; fence: string }>(
      `select lane, fence from scheduler_private.acquire_lane($1, '1 hour')`,
      [relay],
    );
    if (!rows[0]) {
      break;
    }
    fences.set(rows[0].lane, rows[0].fence);
  }
  const open: Batch[] = [];
  const finish = async (verb: 'confirm' | 'discard') => {
    for (const batch of open.splice(0)) {
      await client.query(`select scheduler_private.${verb}($1::smallint, $2, $3)`, [
        batch.lane,
        batch.fence,
        batch.id,
      ]);
    }
  };
  const zones = new Zones();
  return {
    expandAll: async () => {
      for (const [lane, fence] of fences) {
        const { rows } = await client.query<MarkedSeries>(
          `select id, version, missed, revisions, watermark, created_at_seconds as "createdAt",
             now_seconds as now, checked, unsettled
           from scheduler_private.series_to_expand($1::smallint, $2, 1000)`,
          [lane, fence],
        );
        const expanded = rows.map((state) => finishWork(planExpansion(state, zones)));
        await client.query(`select scheduler_private.store_occurrences($1::smallint, $2, $3, $4)`, [
          lane,
          fence,
          JSON.stringify(expanded),
          process.versions.tz,
        ]);
      }
    },
    claimAll: async () => {
      for (const [lane, fence] of fences) {
        const { rows } = await client.query<{ batch_id: string | null }>(
          `select distinct batch_id
           from scheduler_private.claim($1::smallint, $2, 10000, p_now => '9999-01-01Z')`,
          [lane, fence],
        );
        const id = rows[0]?.batch_id;
        if (id) {
          open.push({ lane, fence, id });
        }
      }
    },
    confirm: () => finish('confirm'),
    discard: () => finish('discard'),
    quarantine: async (lane, reason) => {
      await client.query('select scheduler_private.quarantine_lane($1::smallint, $2, $3)', [
        lane,
        fences.get(lane),
        reason,
      ]);
    },
    close: () => client.end(),
  };
}
