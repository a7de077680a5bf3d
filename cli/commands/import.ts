import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Argv } from 'yargs';
import { toChunks } from '../../client/chunks.ts';
import type { BatchResult, SchedulerError } from '../../client/index.ts';
import { type CommonArguments, connect } from '../common.ts';
import { UsageError } from '../exit-codes.ts';
import { type Entry, EntryMaker } from '../import/entry.ts';
import { type Progress, showProgress, type Tally } from '../import/progress.ts';
import { type FileFormat, readRecords } from '../import/read.ts';
import { storeEntries } from '../import/store.ts';
import { writeObject } from '../output.ts';

/** ms that one batch may take with all its repetitions: an API that restarts is waited for */
const BATCH_TIMEOUT = 300_000;
/** Batches in flight, so that the API works while the next one is read. */
const BATCHES_AT_ONCE = 2;

/** `import`. */
export function addImport(parser: Argv<CommonArguments>): Argv<CommonArguments> {
  return parser.command(
    'import [file]',
    'Schedule the events of a file: NDJSON, or CSV whose first line names the fields',
    (command) =>
      command
        .positional('file', { type: 'string', default: '-', description: 'file; -: stdin' })
        .option('format', {
          choices: ['ndjson', 'csv'] as const,
          defaultDescription: 'csv for *.csv, else ndjson',
          description: 'what the file is',
        })
        .option('payload-encoding', {
          choices: ['base64', 'utf8'] as const,
          default: 'base64' as const,
          description: 'what a payload is that is text; any other JSON is sent as JSON',
        })
        .option('namespace', {
          type: 'string',
          default: '',
          description: 'ids that are not given follow from content and this: to import a file anew',
        })
        .option('batch-size', {
          type: 'number',
          default: 1_000,
          description: 'events of a request, at most 10000',
        })
        .check((given) => Number(given.batchSize) >= 1 || '--batch-size must be at least 1')
        .epilogue(
          'Running it again stores nothing twice, so that an import that was broken off is taken up by the same command.\n' +
            'CSV: an empty cell is an absent field; headers.<name> is a header of the message.',
        ),
    async (given) => {
      const client = connect(given);
      const input = await openInput(given.file);
      // Nobody need wait for batches that go to a wrong address.
      await client.ready();
      const progress = showProgress(input.size);
      const tally: Tally = { lines: 0, created: 0, known: 0, refused: 0 };
      const maker = new EntryMaker(given);
      const report = reporter(tally, progress);
      const entries = readEntries(
        input.stream,
        given.format ?? formatOf(given.file),
        maker,
        report,
      );
      try {
        await eachAtOnce(toChunks(entries, given.batchSize), BATCHES_AT_ONCE, async (chunk) => {
          const store = (events: readonly Entry['event'][]) =>
            client.scheduleBatch(events, { timeout: BATCH_TIMEOUT });
          await storeEntries(chunk, store, report);
          progress.update(tally, input.read());
        });
      } catch (error) {
        progress.say('Broken off: the same command takes it up again.');
        throw error;
      } finally {
        progress.stop();
        input.stream.destroy();
      }
      await writeObject(given.output, tally);
      if (tally.refused > 0) process.exitCode = 1;
    },
  );
}

type Report = ReturnType<typeof reporter>;

/** Counts what becomes of each line, and says why one is refused. */
function reporter(tally: Tally, progress: Progress) {
  const refuse = (line: number, reason: string) => {
    tally.refused++;
    progress.say(`line ${line}: ${reason}`);
  };
  return {
    line: () => {
      tally.lines++;
    },
    broken: refuse,
    stored: (results: readonly BatchResult[]) => {
      const created = results.filter((result) => result.created).length;
      tally.created += created;
      tally.known += results.length - created;
    },
    refused: ({ line }: Entry, error: SchedulerError) => {
      // The number in its batch says nothing to who knows the line.
      refuse(line, error.message.replace(/^\[\d+\](?:\.|: )/, ''));
    },
  };
}

async function* readEntries(
  input: Readable,
  format: FileFormat,
  maker: EntryMaker,
  report: Report,
): AsyncGenerator<Entry> {
  for await (const record of readRecords(format, input)) {
    report.line();
    if ('broken' in record) report.broken(record.line, record.broken);
    else yield maker.make(record.line, record.fields);
  }
}

async function openInput(file: string) {
  if (file === '-') return { stream: process.stdin, size: null, read: () => 0 };
  try {
    const handle = await open(file);
    const found = await handle.stat();
    if (found.isDirectory()) throw new UsageError(`${file} is a folder`);
    const stream = handle.createReadStream();
    return { stream, size: found.isFile() ? found.size : null, read: () => stream.bytesRead };
  } catch (error) {
    throw error instanceof Error ? new UsageError(error.message) : error;
  }
}

function formatOf(file: string): FileFormat {
  return file.toLowerCase().endsWith('.csv') ? 'csv' : 'ndjson';
}

/** Does something with each item, with so many of them at once; after an error with no more. */
async function eachAtOnce<Item>(
  items: AsyncIterable<Item>,
  most: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];
  for await (const item of items) {
    const one: Promise<void> = work(item)
      .catch((error: unknown) => {
        errors.push(error);
      })
      .finally(() => running.delete(one));
    running.add(one);
    if (running.size >= most) await Promise.race(running);
    if (errors.length > 0) break;
  }
  await Promise.all(running);
  if (errors.length > 0) throw errors[0];
}
