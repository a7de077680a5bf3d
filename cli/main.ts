import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import type { SchedulerError } from '../client/index.ts';
import manifest from '../package.json' with { type: 'json' };
import { addChanging } from './commands/change.ts';
import { addDoctor } from './commands/doctor.ts';
import { addImport } from './commands/import.ts';
import { addPreview } from './commands/preview.ts';
import { addReading } from './commands/read.ts';
import { addStatus } from './commands/status.ts';
import { withCommonOptions } from './common.ts';
import { EXIT_CODES, exitCodeOf, UsageError } from './exit-codes.ts';

// The program `scheduler`.

// Who reads no further (`scheduler list | head`) has what they want.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
// A command that found something wrong has said so there.
process.exitCode = (await main(hideBin(process.argv))) || process.exitCode;

async function main(args: string[]): Promise<number> {
  const commands = [addChanging, addReading, addStatus, addPreview, addImport, addDoctor];
  const parser = commands.reduce(
    (built, add) => add(built),
    withCommonOptions(yargs(args).scriptName('scheduler')),
  );
  try {
    await parser
      .usage('$0 <command>\n\nSchedules messages for Kafka, by the API of an Event Scheduler.')
      .completion('completion', 'Print a script of completions, for bash or zsh by SHELL')
      .demandCommand(1, 'Say what to do: scheduler --help')
      .strict()
      .check(checkNumbers)
      .recommendCommands()
      .detectLocale(false)
      .version(manifest.version)
      .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
      .epilogue(`Exit codes:\n${exitCodes()}`)
      .wrap(Math.min(100, process.stdout.columns ?? 100))
      .exitProcess(false)
      .fail((message, error) => {
        throw message ? new UsageError(message) : error;
      })
      .parseAsync();
    return 0;
  } catch (error) {
    return complain(error);
  }
}

function checkNumbers(given: Readonly<Record<string, unknown>>): true | string {
  const wrong = Object.keys(given).find((name) => Number.isNaN(given[name]));
  return wrong === undefined || `--${wrong} is not a number`;
}

function exitCodes(): string {
  return Object.entries(EXIT_CODES)
    .map(([code, meaning]) => `  ${code}  ${meaning}`)
    .join('\n');
}

/** Says on standard error what went wrong. */
function complain(error: unknown): number {
  const code = exitCodeOf(error);
  const { message, stack, hint, requestId } = error as Error & Partial<SchedulerError>;
  const lines = [
    `error: ${code === 70 ? stack : message}`,
    ...(hint ? [hint] : []),
    // Who runs the API finds it in the log.
    ...(code === 3 && requestId ? [`request ${requestId}`] : []),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  return code;
}
