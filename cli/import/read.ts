import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import { UsageError } from '../exit-codes.ts';
import type { FileRecord } from './entry.ts';

export type FileFormat = 'ndjson' | 'csv';

/** The records of a file, one after the other. */
export function readRecords(format: FileFormat, input: Readable): AsyncGenerator<FileRecord> {
  return format === 'csv' ? readCsv(input) : readNdjson(input);
}

/** A JSON object a line; empty lines are nothing. */
async function* readNdjson(input: Readable): AsyncGenerator<FileRecord> {
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() === '') continue;
    yield { line, ...readObject(line === 1 ? text.replace(/^\uFEFF/, '') : text) };
  }
}

function readObject(text: string): { fields: Record<string, unknown> } | { broken: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { fields: value as Record<string, unknown> };
    }
    return { broken: 'not a JSON object' };
  } catch (error) {
    return { broken: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * CSV (RFC 4180) whose first line names the fields of events; `headers.<name>` are headers. An empty
 * cell is an absent field, but of payload: an empty one.
 */
async function* readCsv(input: Readable): AsyncGenerator<FileRecord> {
  const parser = input.pipe(
    parse({
      bom: true,
      columns: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }),
  );
  input.once('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      const { lines: line, error } = info;
      yield error ? { line, broken: error.message } : { line, fields: toFields(record) };
    }
  } catch (error) {
    // After a quote that is in the wrong place nobody knows where a record ends.
    throw error instanceof CsvError ? new UsageError(error.message) : error;
  }
}

interface CsvRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly info: InfoRecord;
}

const HEADER = 'headers.';

function toFields(record: Readonly<Record<string, string>>): Record<string, unknown> {
  const cells = Object.entries(record).filter(([name, cell]) => cell !== '' || name === 'payload');
  const headers = cells.filter(([name]) => name.startsWith(HEADER));
  return {
    ...Object.fromEntries(cells.filter(([name]) => !name.startsWith(HEADER))),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map(([name, cell]) => [name.slice(HEADER.length), cell])),
    }),
  };
}
