import { waitFor } from '../../local/wait.ts';
import type { Session } from './session.ts';

/** What a session that listens hears of some committed work, in order. */
export async function heard(listener: Session, work: () => Promise<unknown>): Promise<string[]> {
  const payloads: string[] = [];
  const hear = ({ payload }: { payload?: string | undefined }) => payloads.push(payload ?? '');
  listener.client.on('notification', hear);
  await listener.rows('listen scheduler_lanes');
  await work();
  // Notifications come in the order of commits: after this one nothing of the work is under way.
  await listener.rows(`notify scheduler_lanes, 'end'`);
  await waitFor('the last notification comes', 10_000, () => payloads.includes('end'));
  listener.client.off('notification', hear);
  return payloads.slice(0, payloads.indexOf('end'));
}
