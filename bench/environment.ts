import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { KAFKA_VERSION } from '../local/kafka-programs.ts';
import type { Site } from './site.ts';

/** What a figure was measured on: without it the figure says nothing. */
export async function describeEnvironment({ database }: Site): Promise<Record<string, string>> {
  const { rows } = await database.query<Record<string, string>>(
    `select current_setting('server_version') as postgres,
       current_setting('synchronous_commit') as synchronous_commit,
       current_setting('fsync') as fsync,
       current_setting('full_page_writes') as full_page_writes,
       (select delivery_mode from scheduler.settings) as delivery_mode`,
  );
  const cores = cpus();
  const system = await readFile('/etc/os-release', 'utf8');
  return {
    machine: `${cores.length} × ${cores[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, everything on it`,
    system: `${/PRETTY_NAME="(.*)"/.exec(system)?.[1]}, Linux ${release()}`,
    node: process.version,
    kafka: `${KAFKA_VERSION}, one broker, acks=all`,
    ...rows[0],
  };
}
