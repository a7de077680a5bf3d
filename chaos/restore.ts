import { query } from '../db/connect.ts';
import { waitFor } from '../local/wait.ts';
import type { Restoration } from './history.ts';
import type { Site } from './site.ts';

/** ms that relays get to notice */
const PATIENCE = 20_000;

const LANES = `
  select l.lane, l.last_confirmed as "lastConfirmed", b.id as "openBatch",
    l.quarantined_at is not null as quarantined
  from scheduler_private.lanes l left join scheduler_private.batches b on b.lane = l.lane
  order by l.lane`;

interface LaneRow {
  readonly lane: number;
  readonly lastConfirmed: string;
  readonly openBatch: string | null;
  readonly quarantined: boolean;
}

/**
 * Sets the database back to the copy, as a restored backup or a lagging standby would, while relays
 * are at work, and lets them notice.
 */
export async function restoreAndLook(site: Site): Promise<Restoration> {
  const lanes = () => query<LaneRow>(site.databaseUrl, LANES);
  const before = await lanes();
  const at = Date.now();
  await site.postgres.restoreCopy();
  const copied = await lanes();
  // One whose open batch was confirmed next, and last, only has to confirm it again.
  const movedOn = copied.filter(({ lastConfirmed, openBatch }, index) => {
    const last = before[index]?.lastConfirmed;
    return last !== lastConfirmed && last !== openBatch;
  });
  await untilRecovered(site, PATIENCE);
  const after = await lanes();
  return {
    at,
    lanes: after.map(({ lane, quarantined }) => ({
      lane,
      quarantined,
      movedOn: movedOn.some((one) => one.lane === lane),
    })),
    log: await site.readLog(),
  };
}

/** Waits until every lane either stands still or is served, with nothing due left. */
async function untilRecovered({ databaseUrl }: Site, limit: number): Promise<void> {
  await waitFor('every lane is recovered', limit, async () => {
    const [row] = await query<{ left: number }>(
      databaseUrl,
      `select count(*)::integer as left from scheduler.lanes
       where quarantine_reason is null
         and (relay is null or lease_until < clock_timestamp() or batch_id is not null
           or next_due_at < clock_timestamp())`,
    );
    return row?.left === 0;
  });
}
