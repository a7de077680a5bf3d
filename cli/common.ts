import type { Argv } from 'yargs';
import { SchedulerClient } from '../client/index.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';
import { UsageError } from './exit-codes.ts';
import type { OutputFormat } from './output.ts';

/** Options of every command. */
export interface CommonArguments {
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly output: OutputFormat;
  /** seconds */
  readonly patience: number;
}

/** Adds the options of every command. */
export function withCommonOptions(parser: Argv): Argv<CommonArguments> {
  return parser
    .option('url', {
      type: 'string',
      global: true,
      description: 'Where the API is; default: SCHEDULER_URL',
    })
    .option('token', {
      type: 'string',
      global: true,
      description: 'JWT; better given as SCHEDULER_TOKEN, which no list of processes shows',
    })
    .option('patience', {
      type: 'number',
      default: 15,
      global: true,
      description: 'Seconds to ask again while there is no answer',
    })
    .option('output', {
      alias: 'o',
      choices: ['json', 'table'] as const,
      default: process.stdout.isTTY ? ('table' as const) : ('json' as const),
      defaultDescription: 'table on a terminal, else json',
      global: true,
      description: 'json: an object a line',
    });
}

/** A client of the API that options and settings name. */
export function connect({ url, token, patience }: CommonArguments): SchedulerClient {
  const settings = readSettings();
  const baseUrl = url ?? settings.schedulerUrl;
  if (!/^https?:/.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new UsageError(`--url: ${JSON.stringify(baseUrl)} is no http(s) URL`);
  }
  return new SchedulerClient({
    baseUrl,
    token: token ?? settings.schedulerToken,
    timeout: patience * 1000,
  });
}

/** @throws UsageError for settings that are not as they should be */
export function readSettings(): Settings {
  try {
    return loadSettings();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
