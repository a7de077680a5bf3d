import { waitFor } from '../../local/wait.ts';
import type { Session } from './session.ts';

/** Waits until so many sessions wait, directly or not, for a lock that this one holds. */
export async function untilBlocked(holder: Session, sessions = 1): Promise<void> {
  await waitFor(`${sessions} sessions wait`, 10_000, async () => {
    const waiting = await holder.value<number>(
      `with recursive waiting (pid) as (
         select pg_backend_pid()
         union
         select a.pid from waiting w, pg_stat_activity a where w.pid = any (pg_blocking_pids(a.pid))
       )
       select count(*)::int - 1 from waiting`,
    );
    return waiting >= sessions;
  });
}
