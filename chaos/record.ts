import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../local/folders.ts';
import { mustRun } from '../local/processes.ts';
import { faultKinds } from './faults/faults.ts';
import type { Totals } from './totals.ts';

/** Appends a line about a campaign to docs/chaos.md, whose table has a column for each fault. */
export async function record(seed: string, minutes: number, totals: Totals): Promise<void> {
  const commit = await mustRun(
    'asking for the commit',
    'git',
    ['describe', '--always', '--dirty'],
    {
      cwd: checkout,
    },
  );
  const cells = [
    new Date().toISOString().slice(0, 16),
    commit.trim(),
    seed,
    minutes.toFixed(1),
    totals.rounds,
    totals.operations,
    totals.messages,
    ...faultKinds.map((kind) => totals.incidents.get(kind) ?? 0),
    totals.violations,
  ];
  appendFileSync(join(checkout, 'docs', 'chaos.md'), `| ${cells.join(' | ')} |\n`);
}
