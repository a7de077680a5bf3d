import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isCode, run } from './processes.ts';

/** The programs of one installed major version of PostgreSQL. */
export interface PostgresPrograms {
  readonly major: number;
  /** folder of initdb, pg_ctl, postgres */
  readonly bin: string;
}

const ROOT = '/usr/lib/postgresql';
const OLDEST = 15;

/**
 * Looks for PostgreSQL with pg_cron among the distribution's packages.
 * @param major the version that existing data need; default: the newest there is
 * @returns the programs, or the packages to install
 */
export async function findPostgres(
  major: number | undefined,
): Promise<{ programs: PostgresPrograms } | { missing: string[] }> {
  const found = installed()
    .filter((candidate) => major === undefined || candidate.major === major)
    .filter(hasCron)
    .sort((a, b) => b.major - a.major)[0];
  if (found) return { programs: found };
  const wanted = major ?? (await majorOfDistribution());
  return { missing: [`postgresql-${wanted}`, `postgresql-${wanted}-cron`] };
}

function installed(): PostgresPrograms[] {
  return list(ROOT)
    .map((name) => ({ major: Number(name), bin: join(ROOT, name, 'bin') }))
    .filter(({ major, bin }) => major >= OLDEST && existsSync(join(bin, 'initdb')));
}

function hasCron({ major }: PostgresPrograms): boolean {
  return (
    existsSync(join(ROOT, String(major), 'lib/pg_cron.so')) &&
    existsSync(`/usr/share/postgresql/${major}/extension/pg_cron.control`)
  );
}

/** The version that the distribution's package `postgresql` stands for; Debian 12's if unknown. */
async function majorOfDistribution(): Promise<number> {
  const { output } = await run('apt-cache', ['depends', 'postgresql']);
  return Math.max(OLDEST, Number(/Depends: postgresql-(\d+)/.exec(output)?.[1] ?? OLDEST));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}
