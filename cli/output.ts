import { once } from 'node:events';
import Table from 'cli-table3';
import type { SchedulerEvent } from '../client/index.ts';

export type OutputFormat = 'json' | 'table';

/** Without lines and colours, so that it can be cut and searched. */
const PLAIN = {
  chars: Object.fromEntries(
    [
      ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
      ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
    ].map((name) => [name, '']),
  ),
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
};

/** Columns of a list of events. */
const COLUMNS = ['id', 'status', 'scheduledAt', 'timezone', 'destinationTopic', 'nextAt'] as const;

/** Writes text to standard output, as fast as it is read there. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Writes one object: as a line of JSON, or its fields under each other without those that are null. */
export async function writeObject(format: OutputFormat, object: object): Promise<void> {
  if (format === 'json') return write(`${JSON.stringify(object)}\n`);
  const rows = Object.entries(object).filter(([, value]) => value !== null && value !== undefined);
  await write(toTable(rows.map(([name, value]) => [name, toCell(value)])));
}

/** Writes rows: each as a line of JSON, or together as a table. */
export async function writeRows(
  format: OutputFormat,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  if (format === 'json') {
    for (const row of rows) await write(`${JSON.stringify(row)}\n`);
    return;
  }
  const cells = rows.map((row) => columns.map((column) => toCell(row[column])));
  await write(toTable(cells, columns));
}

/**
 * Writes events as they come: each as a line of JSON (which `import` takes), or as a table.
 * @param most how many; 0: all
 */
export async function writeEvents(
  format: OutputFormat,
  events: AsyncIterable<SchedulerEvent>,
  most: number,
): Promise<void> {
  const rows: SchedulerEvent[] = [];
  let count = 0;
  for await (const event of events) {
    if (most > 0 && ++count > most) {
      process.stderr.write(`There are more than these ${most}: --limit says how many to show.\n`);
      break;
    }
    if (format === 'json') await writeObject(format, event);
    else rows.push(event);
  }
  if (format === 'table') await writeRows(format, COLUMNS, rows);
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function toTable(rows: string[][], head: readonly string[] = []): string {
  const table = new Table({ ...PLAIN, head: [...head] });
  table.push(...rows);
  const lines = table.toString().split('\n');
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
