import type { Argv } from 'yargs';
import { type CommonArguments, connect } from '../common.ts';
import { write, writeObject } from '../output.ts';
import { at, from, gap, overlap, recurrence, timezone } from './options.ts';

/** `preview`. */
export function addPreview(parser: Argv<CommonArguments>): Argv<CommonArguments> {
  return parser.command(
    'preview',
    'Show what a recurrence means; stores nothing',
    (command) =>
      command
        .option('at', at)
        .option('recurrence', { ...recurrence, demandOption: true })
        .option('timezone', timezone)
        .option('gap', gap)
        .option('overlap', overlap)
        .option('from', from)
        .option('limit', {
          type: 'number',
          default: 100,
          description: 'how many occurrences, at most 1000',
        }),
    async (given) => {
      const preview = await connect(given).preview({
        scheduledAt: given.at,
        recurrence: given.recurrence.join('\n'),
        timezone: given.timezone,
        gap: given.gap,
        overlap: given.overlap,
        from: given.from,
        limit: given.limit,
      });
      if (given.output === 'json') return writeObject('json', preview);
      for (const { detail, code } of preview.warnings) {
        process.stderr.write(`warning: ${detail} (${code})\n`);
      }
      await write(preview.occurrences.map((occurrence) => `${occurrence}\n`).join(''));
      if (!preview.complete) process.stderr.write('There are more: see --limit and --from.\n');
    },
  );
}
