import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { query } from './database.ts';

export interface FullDisk {
  /** There is room again. */
  makeRoom(): void;
}

/**
 * Bytes that a file may have: one segment of the WAL, which has to go on (a disk that is too full for
 * it ends the server), and half a page, for then Postgres sees a write that comes out too short, as
 * on a full disk, and says 53100 (disk_full).
 */
const MOST = 16 * 1024 * 1024 + 4096;

/**
 * Lets no file of a native Postgres grow beyond some 16 MB, without a file system of its own: what is
 * larger already cannot be extended, which is what a full disk means to a table.
 * @param url DSN of its DBA
 */
export async function fillDisk(url: string): Promise<FullDisk> {
  const [row] = await query<{ pid: number }>(
    url,
    `select pid from pg_stat_activity where backend_type = 'checkpointer'`,
  );
  const postmaster = parentOf(row?.pid ?? 0);
  limit(postmaster, `${MOST}:unlimited`);
  return { makeRoom: () => limit(postmaster, 'unlimited') };
}

/** Postmaster first: those that it makes meanwhile inherit its limit. */
function limit(postmaster: number, size: string): void {
  for (const pid of [postmaster, ...childrenOf(postmaster)]) {
    try {
      // Its own user may do that without any capability; root in a container may not.
      const { uid, gid } = statSync(`/proc/${pid}`);
      const command = ['--pid', String(pid), `--fsize=${size}`];
      execFileSync('prlimit', command, { stdio: 'pipe', uid, gid });
    } catch (error) {
      // One that has ended meanwhile needs none.
      if (pid === postmaster || childrenOf(postmaster).includes(pid)) throw error;
    }
  }
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}

function parentOf(pid: number): number {
  return Number(/\) \w (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
}
