import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Site } from './site.ts';

/** Seconds until start-up is over. */
const SETTLE = 5;
/** Clock ticks a second of /proc (sysconf(_SC_CLK_TCK)). */
const TICKS = 100;

/** What relay and API cost with nothing to do: share of one core, resident memory. */
export async function idle(site: Site): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const programs = [await site.start('relay'), await site.start('api')];
  await sleep(SETTLE * 1000);
  const before = await Promise.all(programs.map(({ pid }) => cpuSeconds(pid)));
  await sleep(site.options.seconds * 1000);
  for (const [index, { name, pid }] of programs.entries()) {
    const used = (await cpuSeconds(pid)) - (before[index] ?? 0);
    figures[`${name}: % of a core`] = Math.round((used / site.options.seconds) * 10_000) / 100;
    figures[`${name}: MB resident`] = Math.round(await residentMegabytes(pid));
  }
  return figures;
}

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
