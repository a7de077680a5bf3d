import { expect, onTestFinished } from 'vitest';
import { Logins } from './logins.ts';
import { newEvent, type Session, schedule, test } from './session.ts';

const right = new Date('2098-01-01T00:00:00Z');

/** As if an older time zone database had given the event another instant. */
async function move(dba: Session, id: string): Promise<void> {
  await dba.rows(
    `update scheduler_private.events set scheduled_instant = scheduled_instant + interval '1 hour',
       due_at = due_at + interval '1 hour' where id = $1`,
    [id],
  );
}

const instantOf = (dba: Session, id: string) =>
  dba.value<Date>('select scheduled_instant from scheduler.event($1)', [id]);

test('instants of wall times are derived again at will, and when Postgres has other offsets', async ({
  dba,
  database,
}) => {
  const logins = new Logins(dba, database.url);
  onTestFinished(() => logins.drop());
  const { id } = await schedule(
    dba,
    newEvent({ timezone: 'Asia/Tokyo', scheduled_at: '2098-01-01T09:00:00' }),
  );
  await move(dba, id);
  const { session } = await logins.make('scheduler_operator');
  await session.rows('call scheduler.derive_instants()');
  expect(await instantOf(dba, id)).toEqual(right);

  const follow = () => dba.rows('call scheduler_private.follow_timezone_database()');
  await move(dba, id);
  await follow();
  expect(await instantOf(dba, id)).toEqual(right);
  await move(dba, id);
  await follow();
  expect(await instantOf(dba, id)).not.toEqual(right);
  await dba.rows(`update scheduler_private.timezone_database set fingerprint = 'another'`);
  await follow();
  expect(await instantOf(dba, id)).toEqual(right);
});
