import { expect } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { dueEvent, Relay } from './lanes.ts';
import { test } from './session.ts';

test('an operator decides while a relay takes the lane over', async ({ open }) => {
  const [dba, other] = [await open(), await open()];
  const { id } = await dueEvent(dba);
  const relay = new Relay(dba);
  const lane = await relay.laneOf(id);
  await relay.batch(lane);
  await relay.quarantine(lane);
  const pid = await dba.value<number>('select pg_backend_pid()');
  await other.rows('begin');
  const takeover = 'update scheduler_private.lanes set fence = fence + 1 where lane = $1';
  await other.rows(takeover, [lane.lane]);
  const resolve = `select scheduler.resolve_quarantine($1, 'confirm')`;
  const decided = dba.rows(resolve, [lane.lane]);
  const event = 'select wait_event_type from pg_stat_activity where pid = $1';
  await waitFor('it waits', 10_000, async () => (await other.value(event, [pid])) === 'Lock');
  await other.rows('commit');
  await decided;
  expect(await dba.value('select status from scheduler.event($1)', [id])).toBe('PUBLISHED');
});
