import { query } from '../db/connect.ts';
import { holdsWithin } from '../local/wait.ts';
import { Missed } from './faults/fault.ts';
import type { Site } from './site.ts';

interface Lane {
  readonly lane: number;
  readonly still: boolean;
  readonly events: string[] | null;
}

const LANES = `
  select l.lane, l.quarantine_reason is not null as still, b.event_ids as events
  from scheduler.lanes l left join scheduler_private.batches b on b.lane = l.lane
  order by l.lane`;

/** ms: relays have to start, and to take the lanes */
const PATIENCE = 30_000;

/**
 * Waits until every lane stands still for its lost ledger, and does what docs/guarantees.md says:
 * looks whether the open batch is on its topics, then confirms or discards it.
 * @returns in words, what was decided
 * @throws Missed when a lane works on
 */
export async function resolveAsOperator(site: Site): Promise<string> {
  const look = () => query<Lane>(site.databaseUrl, LANES);
  await holdsWithin(PATIENCE, async () => (await look()).every((lane) => lane.still));
  const lanes = await look();
  const working = lanes.filter(({ still }) => !still).map(({ lane }) => lane);
  if (working.length > 0) throw new Missed(`without its ledger, lane ${working} works on`);
  await site.audience.drain();
  const there = new Set(site.audience.deliveries().map(({ headers }) => headers.ce_id ?? ''));
  const decisions: string[] = [];
  for (const { lane, events } of lanes) {
    const decision = events?.some((id) => there.has(id)) ? 'confirm' : 'discard';
    await query(site.databaseUrl, 'select scheduler.resolve_quarantine($1, $2)', [lane, decision]);
    decisions.push(`lane ${lane} ${events === null ? 'without a batch' : decision}`);
  }
  return decisions.join(', ');
}
