import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkout, defaultDataDir } from '../local/folders.ts';
import { claimInstance } from '../local/instance.ts';
import { loadSettings } from '../settings/settings.ts';
import { playCampaign } from './campaign.ts';
import { chosenKinds, faultKinds } from './faults/faults.ts';
import { mutants } from './mutants/catalogue.ts';
import { tryMutants } from './mutants/trial.ts';
import { storyOf, tableOf } from './oracle/report.ts';
import { record } from './record.ts';
import { openVenue } from './venue.ts';

const usage = `npm run chaos -- [options]

Faults for the scheduler on a Postgres, a Kafka cluster of three brokers and three relays of its own, while
callers create, change and cancel events; then a judge that knows only what could be seen from outside.

  --seed TEXT     replays the plan of a run (default: a new one, printed)
  --minutes N     plays rounds until so much time has passed (10)
  --rounds N      plays so many rounds instead
  --kills N       kills of a relay in each round (16)
  --faults A,B    only these kinds (${faultKinds.join(', ')})
  --mutants       puts mistakes into the relay instead, one after another: each has to be convicted
  --mutant A,B    these only (${mutants.map(({ name }) => name).join(', ')})
  --record        appends a line to docs/chaos.md
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: randomUUID().slice(0, 8) },
    minutes: { type: 'string', default: '10' },
    rounds: { type: 'string' },
    kills: { type: 'string', default: '16' },
    faults: { type: 'string', default: faultKinds.join(',') },
    mutants: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const print = (text: string) => process.stdout.write(`${text}\n`);
if (values.help) {
  print(usage);
  process.exit(0);
}

const { seed } = values;
const kills = Number(values.kills);
const kinds = chosenKinds(values.faults.split(','));
const say = (line: string) => process.stderr.write(`${line}\n`);
const folder = join(loadSettings().dataDir ?? defaultDataDir(checkout), 'chaos');
await claimInstance(folder, say);
const began = performance.now();
const minutes = () => (performance.now() - began) / 60_000;
print(`seed ${seed}`);
const venue = await openVenue({ folder, say });
let passed: boolean;
try {
  passed = values.mutants || values.mutant !== undefined ? await mutantsDie() : await relayLives();
} finally {
  await venue.close();
}
process.exit(passed ? 0 : 1);

async function relayLives(): Promise<boolean> {
  const wanted = values.rounds === undefined ? null : Number(values.rounds);
  const limit = Number(values.minutes);
  const totals = await playCampaign(venue, {
    seed,
    kinds,
    kills,
    times: 1,
    mutant: null,
    another: ({ rounds }) => (wanted === null ? minutes() < limit : rounds < wanted),
  });
  print(tableOf(totals));
  if (totals.first) print(storyOf(totals.first.history, totals.first.verdict));
  if (values.record) await record(seed, minutes(), totals);
  print(`${totals.violations} violations`);
  return totals.violations === 0 && totals.rounds > 0;
}

async function mutantsDie(): Promise<boolean> {
  const names = values.mutant?.split(',') ?? null;
  const trials = await tryMutants(venue, { seed, names });
  const away = trials.filter(({ convictedBy, mutant }) => !convictedBy && !mutant.maySurvive);
  for (const { mutant, convictedBy } of trials) {
    print(`${mutant.name}: ${convictedBy ?? mutant.maySurvive ?? 'NOT CONVICTED'}`);
  }
  const convicted = trials.filter(({ convictedBy }) => convictedBy !== null).length;
  print(`${convicted} of ${trials.length} mutants convicted, ${away.length} got away`);
  return away.length === 0 && convicted > 0;
}
