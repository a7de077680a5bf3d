import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Argv } from 'yargs';
import { createSchedulableEvent, decodePayload } from '../../client/index.ts';
import { type CommonArguments, connect } from '../common.ts';
import { UsageError } from '../exit-codes.ts';
import { writeObject } from '../output.ts';
import { at, gap, overlap, recurrence, timezone } from './options.ts';

/** Commands that change what is scheduled. */
export function addChanging(parser: Argv<CommonArguments>): Argv<CommonArguments> {
  return parser
    .command(
      'schedule',
      'Schedule an event, or with --recurrence a series',
      (command) =>
        command
          .option('at', at)
          .option('topic', {
            type: 'string',
            demandOption: true,
            description: 'Kafka topic that it goes to',
          })
          .option('payload', { type: 'string', description: 'text, sent in UTF-8' })
          .option('payload-file', { type: 'string', description: 'file with its bytes; -: stdin' })
          .option('payload-base64', { type: 'string', description: 'its bytes in Base64' })
          .conflicts('payload', ['payload-file', 'payload-base64'])
          .conflicts('payload-file', 'payload-base64')
          .option('timezone', timezone)
          .option('id', {
            type: 'string',
            description: 'UUID; the same id schedules nothing twice; default: a new one',
          })
          .option('ends-at', { type: 'string', description: 'end, for information' })
          .option('recurrence', recurrence)
          .option('gap', gap)
          .option('overlap', overlap)
          .option('missed', {
            choices: ['all', 'latest', 'skip'] as const,
            description: 'which overdue occurrences are published',
          })
          .option('max-lateness', {
            type: 'string',
            description: 'not published later than this, such as PT15M',
          })
          .option('key', { type: 'string', description: 'key of the Kafka message' })
          .option('header', {
            type: 'string',
            array: true,
            description: 'header of the Kafka message, name=value; may be given several times',
          }),
      async (given) => {
        const event = createSchedulableEvent({
          id: given.id,
          scheduledAt: given.at,
          timezone: given.timezone,
          payload: await readPayload(given),
          destinationTopic: given.topic,
          endsAt: given.endsAt,
          recurrence: given.recurrence,
          gap: given.gap,
          overlap: given.overlap,
          missed: given.missed,
          maxLateness: given.maxLateness,
          key: given.key,
          headers: given.header && Object.fromEntries(given.header.map(readHeader)),
        });
        const scheduled = await connect(given).schedule(event);
        for (const { detail, code } of scheduled.warnings) {
          process.stderr.write(`warning: ${detail} (${code})\n`);
        }
        await writeObject(given.output, scheduled.event);
      },
    )
    .command(
      'cancel <id..>',
      'Cancel events, series or instances',
      (command) =>
        command.positional('id', {
          type: 'string',
          array: true,
          demandOption: true,
          description: 'of events, series or instances',
        }),
      async (given) => {
        const client = connect(given);
        for (const id of given.id) {
          const { status } = await client.cancel(id);
          await writeObject(given.output, { id, status });
        }
      },
    );
}

interface PayloadArguments {
  readonly payload?: string | undefined;
  readonly payloadFile?: string | undefined;
  readonly payloadBase64?: string | undefined;
}

async function readPayload(given: PayloadArguments): Promise<Uint8Array | string> {
  const { payload, payloadFile, payloadBase64 } = given;
  if (payload !== undefined) return payload;
  if (payloadFile === '-') return buffer(process.stdin);
  if (payloadFile !== undefined) {
    return readFile(payloadFile).catch((error: Error) => {
      throw new UsageError(`--payload-file: ${error.message}`);
    });
  }
  if (payloadBase64 === undefined) {
    throw new UsageError(
      'Give --payload, --payload-file or --payload-base64; --payload "" is none.',
    );
  }
  try {
    return decodePayload(payloadBase64);
  } catch {
    throw new UsageError('--payload-base64: it is no Base64');
  }
}

function readHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--header: ${JSON.stringify(text)} is not name=value`);
  }
  return [name, value];
}
