import type { Argv } from 'yargs';
import { type CommonArguments, connect } from '../common.ts';
import { writeEvents, writeObject } from '../output.ts';
import { from, limit, status, to } from './options.ts';

const id = {
  type: 'string',
  demandOption: true,
  description: 'of an event, a series or an instance',
} as const;

/** Commands that read events. */
export function addReading(parser: Argv<CommonArguments>): Argv<CommonArguments> {
  return parser
    .command(
      'get <id>',
      'Show an event, a series or an instance',
      (command) => command.positional('id', id),
      async (given) => writeObject(given.output, await connect(given).event(given.id)),
    )
    .command(
      'list',
      'List events; as json what `import` takes',
      (command) =>
        command
          .option('status', { ...status, description: 'those with this status' })
          .option('topic', { type: 'string', description: 'those for this topic' })
          .option('from', from)
          .option('to', to)
          .option('series', { type: 'string', description: 'exceptions of this series' })
          .option('limit', limit),
      async (given) => {
        const filter = {
          status: given.status,
          destinationTopic: given.topic,
          from: given.from,
          to: given.to,
          recurrenceId: given.series,
          limit: pageSize(given.limit),
        };
        await writeEvents(given.output, connect(given).list(filter), given.limit);
      },
    )
    .command(
      'instances <id>',
      'List the instances of a series, past and future, by their time',
      (command) =>
        command
          .positional('id', { ...id, description: 'of a series' })
          .option('from', from)
          .option('to', to)
          .option('limit', limit),
      async (given) => {
        const filter = { from: given.from, to: given.to, limit: pageSize(given.limit) };
        await writeEvents(given.output, connect(given).instances(given.id, filter), given.limit);
      },
    );
}

/** One more than is shown tells whether there are more. */
function pageSize(limit: number): number {
  return limit > 0 ? Math.min(limit + 1, 1_000) : 1_000;
}
