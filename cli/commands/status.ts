import type { Argv } from 'yargs';
import { type CommonArguments, connect } from '../common.ts';
import { writeObject } from '../output.ts';
import { status } from './options.ts';

/** `status`, of an event or of the scheduler. */
export function addStatus(parser: Argv<CommonArguments>): Argv<CommonArguments> {
  return parser.command(
    'status [id]',
    'Show where an event stands; without an id, how the scheduler does',
    (command) =>
      command
        .positional('id', { type: 'string', description: 'of an event or an instance' })
        .option('wait', { type: 'boolean', description: 'until it is final, or as --for says' })
        .option('for', { ...status, implies: 'wait', description: 'status to wait for' })
        .option('timeout', {
          type: 'number',
          implies: 'wait',
          description: 'seconds to wait at most; default: for ever',
        })
        .check(({ id, wait }) => !wait || id !== undefined || '--wait needs an id'),
    async (given) => {
      const client = connect(given);
      const { id, output } = given;
      if (id === undefined) return writeObject(output, await client.ready());
      const found = given.wait
        ? await client.waitForStatus(id, given.for, {
            timeout: given.timeout === undefined ? undefined : given.timeout * 1000,
          })
        : await client.eventStatusById(id);
      return writeObject(output, { id, status: found });
    },
  );
}
