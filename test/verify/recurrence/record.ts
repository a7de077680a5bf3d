/**
 * Records what other implementations answer to some random rules, for `npm test`, where they are not at
 * hand: `node_modules/.bin/node test/verify/recurrence/record.ts`, then `npm run fix`.
 */
import { writeFile } from 'node:fs/promises';
import { type Answer, reasonToDiffer } from '../../recurrence/comparison.ts';
import { Dice, randomQuestion } from '../../recurrence/random-rules.ts';
import { toolFolder } from '../tool-folder.ts';
import { dateutil, libRecur } from './oracles.ts';

const RULES = 400;

const dice = new Dice(2445);
const questions = Array.from({ length: RULES * 2 }, () => randomQuestion(dice));
const folder = toolFolder('recurrence-oracles');
const byDateutil = await (await dateutil(folder))(questions);
const byLibRecur = await (await libRecur(folder))(questions);
const recorded = questions
  .map((question, index) => ({
    ...question,
    dateutil: reasonToDiffer('dateutil', question) ? null : joined(byDateutil[index]),
    libRecur: reasonToDiffer('libRecur', question) ? null : joined(byLibRecur[index]),
  }))
  .filter((one) => one.dateutil !== null || one.libRecur !== null)
  .slice(0, RULES);
const file = new URL('../../recurrence/vectors/other-implementations.json', import.meta.url);
await writeFile(file, `${JSON.stringify(recorded, null, 2)}\n`);

/** In one string: the file stays short. */
function joined(answer: Answer | undefined): string | null {
  return answer ? answer.join(' ') : null;
}
