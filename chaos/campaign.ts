import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judge } from './oracle/judge.ts';
import { type PlanOptions, planRound } from './plan.ts';
import { playRound } from './round.ts';
import { Totals } from './totals.ts';
import type { Venue } from './venue.ts';

export interface CampaignOptions extends PlanOptions {
  readonly seed: string;
  /** what is wrong with the relay; null: nothing */
  readonly mutant: string | null;
  /** asked before each round: is there to be another one? */
  readonly another: (soFar: Totals) => boolean;
}

/** Rounds, one after another, each judged; what was seen in a bad one is kept in a file. */
export async function playCampaign(venue: Venue, options: CampaignOptions): Promise<Totals> {
  const { seed, mutant, another } = options;
  const totals = new Totals();
  for (let number = 1; another(totals); number++) {
    const ofRound = `${seed}/${number}`;
    const began = performance.now();
    const plan = planRound(ofRound, options);
    const history = await playRound(venue, { number, seed: ofRound, plan, mutant });
    const verdict = judge(history);
    totals.add(history, verdict);
    const { operations, log, incidents } = history;
    venue.say(
      `round ${number}: ${operations.length} calls, ${log.length} messages, ` +
        `${incidents.length} faults, ${verdict.violations.length} violations ` +
        `(${((performance.now() - began) / 1000).toFixed(0)} s)`,
    );
    if (verdict.violations.length > 0) {
      const file = join(venue.folder, `seen-${mutant ?? 'round'}-${number}.json`);
      writeFileSync(file, JSON.stringify(history));
      venue.say(`what was seen in it: ${file}`);
    }
  }
  return totals;
}
