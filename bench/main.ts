import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkout, defaultDataDir } from '../local/folders.ts';
import { obtainServices } from '../local/services.ts';
import { loadSettings } from '../settings/settings.ts';
import { burst } from './burst.ts';
import { doors } from './doors.ts';
import { describeEnvironment } from './environment.ts';
import { idle } from './idle.ts';
import { lateness } from './lateness.ts';
import { recurrence } from './recurrence.ts';
import { rest } from './rest.ts';
import { series } from './series.ts';
import { prepareSite } from './site.ts';

const usage = `npm run bench -- burst|series|lateness|idle|rest|doors|recurrence [options]

  burst     events due at one instant, until all are confirmed
  series    overdue occurrences, expansion included: of many series, then of one
  lateness  events at a steady rate, as a read_committed consumer sees them
  idle      CPU and memory of relay and API with nothing to do
  rest      creations one by one and in batches, reads of a status; lateness beside creations
  doors     creations by GraphQL, one by one and in lists, and by SQL from a table
  recurrence  next occurrences and long lists, beside rrule.js and ical.js; needs no services

  --events N    burst, series, doors (in SQL): how many (100000)
  --bytes N     size of a payload (200)
  --rate N      lateness: events a second (200)
  --seconds N   lateness, idle, rest, doors: how long, each (20)
  --warm-up N   lateness, rest: seconds before that are not counted; a cold JVM is slow (20)
  --lanes N     number of lanes (4)
  --ahead N     settings.look_ahead in milliseconds (0)
  --waiting N   burst, lateness: events that wait far in the future beside it (0)
  --waiting-series N  burst: endless series that wait beside it (0)
`;

const scenarios = { burst, series, lateness, idle, rest, doors };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '100000' },
    bytes: { type: 'string', default: '200' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    'warm-up': { type: 'string', default: '20' },
    lanes: { type: 'string', default: '4' },
    ahead: { type: 'string', default: '0' },
    waiting: { type: 'string', default: '0' },
    'waiting-series': { type: 'string', default: '0' },
  },
});
const name = positionals[0];
if (name === 'recurrence') {
  process.stdout.write(`${JSON.stringify(recurrence(), null, 2)}\n`);
  process.exit();
}
if (name === undefined || !(name in scenarios)) {
  process.stderr.write(usage);
  process.exit(2);
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const settings = loadSettings();
const { postgres, kafka } = await obtainServices({
  dataDir: join(settings.dataDir ?? defaultDataDir(checkout), 'bench'),
  purpose: 'test',
  databaseUrl: settings.databaseUrl,
  kafkaBrokers: settings.kafkaBrokers,
  services: settings.services,
  say,
});
try {
  const options = Object.fromEntries(
    Object.entries(values).map(([option, value]) => [option, Number(value)]),
  ) as Record<keyof typeof values, number>;
  const site = await prepareSite({ postgres, kafka, options, say });
  try {
    const result = await scenarios[name as keyof typeof scenarios](site);
    const environment = await describeEnvironment(site);
    const report = { scenario: name, ...result, options, environment };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await site.close();
  }
} finally {
  await Promise.all([postgres.dispose(), kafka.dispose()]);
}
