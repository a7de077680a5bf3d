import type { Argv } from 'yargs';
import manifest from '../../package.json' with { type: 'json' };
import { type CommonArguments, connect, readSettings } from '../common.ts';
import { examineApi } from '../doctor/api.ts';
import { type Finding, ok } from '../doctor/finding.ts';
import { write, writeRows } from '../output.ts';

/** `doctor`. */
export function addDoctor(parser: Argv<CommonArguments>): Argv<CommonArguments> {
  return parser.command(
    'doctor',
    'See whether everything works, by the settings that relay and API have, and what to do if not',
    (command) => command,
    async (given) => {
      const settings = readSettings();
      // Only here are the drivers of Postgres and Kafka needed.
      const { examineDatabase } = await import('../doctor/database.ts');
      const { examineKafka } = await import('../doctor/kafka.ts');
      const { findings, known } = await examineDatabase(settings);
      const all: Finding[] = [
        ok('program', `${manifest.version}, Node ${process.version}`),
        ...findings,
        ...(await examineKafka(settings, known)),
        await examineApi(connect(given), given.url ?? settings.schedulerUrl),
      ];
      await writeRows(
        given.output,
        ['state', 'check', 'detail'],
        all.map((row) => ({ ...row })),
      );
      if (given.output === 'table') await writeRemedies(all);
      process.exitCode = all.some(({ state }) => state === 'problem') ? 1 : 0;
    },
  );
}

async function writeRemedies(findings: readonly Finding[]): Promise<void> {
  for (const { check, detail, remedy } of findings) {
    if (remedy) await write(`\n${check}: ${detail}\n  → ${remedy}\n`);
  }
}
