import { createConfig, lintFromString } from '@redocly/openapi-core';
import { pino } from 'pino';
import { startApi } from '../../api/server.ts';
import { roleUrl } from '../../db/roles.ts';
import { scratchPostgres, withScratchDatabase } from '../../db/scratch-postgres.ts';

// The part of `npm run check` that looks at the description of the API: Redocly's recommended rules.

const say = (line: string) => process.stderr.write(`${line}\n`);
const { postgres } = await scratchPostgres(say);
try {
  const problems = await lint(await readDescription(postgres.url));
  for (const problem of problems) say(problem);
  process.stdout.write(
    `OpenAPI: ${problems.length === 0 ? 'no problems' : `${problems.length} problems`}\n`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await postgres.dispose();
}

/** The description as an API on a new database serves it. */
async function readDescription(serverUrl: string): Promise<string> {
  return withScratchDatabase(serverUrl, say, async (url) => {
    const api = await startApi({
      databaseUrl: roleUrl(url, 'scheduler_api'),
      host: '127.0.0.1',
      port: 0,
      identity: { anonymousIdentity: undefined, tokens: undefined },
      log: pino({ level: 'silent' }),
    });
    try {
      return await (await fetch(`${api.rest}/openapi.json`)).text();
    } finally {
      await api.close();
    }
  });
}

async function lint(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source, config });
  return problems.map(({ ruleId, message, location }) => {
    const where = location.map(({ pointer }) => pointer ?? '').join(', ');
    return `${where}: ${message} (${ruleId})`;
  });
}
