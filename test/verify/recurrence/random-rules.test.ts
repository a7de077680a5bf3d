import { expect, test } from 'vitest';
import {
  type Answer,
  type Implementation,
  ourAnswer,
  reasonToDiffer,
} from '../../recurrence/comparison.ts';
import { Dice, type Question, randomQuestion } from '../../recurrence/random-rules.ts';
import { toolFolder } from '../tool-folder.ts';
import { dateutil, libRecur, type Oracle } from './oracles.ts';

const ROUNDS = 20;
const RULES_A_ROUND = 1_100;

const dice = new Dice(Number(process.env.RULES_SEED ?? 5545));
const rounds = Array.from({ length: ROUNDS }, (_, index) => index + 1);
const compared = { dateutil: 0, libRecur: 0, both: 0 };

const folder = toolFolder('recurrence-oracles');
const oracles: Record<Implementation, Oracle> = {
  dateutil: await dateutil(folder),
  libRecur: await libRecur(folder),
};

test.each(rounds)('random rules, round %i, as others read them', { timeout: 600_000 }, async () => {
  const questions = Array.from({ length: RULES_A_ROUND }, () => randomQuestion(dice));
  const [byDateutil, byLibRecur] = await Promise.all([
    oracles.dateutil(questions),
    oracles.libRecur(questions),
  ]);
  const differences = questions.flatMap((question, index) => {
    const ours = ourAnswer(question);
    const theirs = { dateutil: byDateutil[index], libRecur: byLibRecur[index] };
    const isCompared = (name: Implementation) =>
      theirs[name] != null && reasonToDiffer(name, question) === undefined;
    compared.dateutil += isCompared('dateutil') ? 1 : 0;
    compared.libRecur += isCompared('libRecur') ? 1 : 0;
    compared.both += isCompared('dateutil') && isCompared('libRecur') ? 1 : 0;
    return (['dateutil', 'libRecur'] as const)
      .filter((name) => isCompared(name) && !isEqual(ours, theirs[name] as Answer))
      .map((name) => describe(name, question, ours, theirs[name] as string[]));
  });
  expect(differences).toEqual([]);
});

test('most rules were answered by somebody else, and many by both', () => {
  const all = ROUNDS * RULES_A_ROUND;
  process.stderr.write(`compared ${JSON.stringify(compared)} of ${all}\n`);
  expect(compared.dateutil).toBeGreaterThan(all / 2);
  expect(compared.libRecur).toBeGreaterThan(all / 2);
  expect(compared.both).toBeGreaterThan(all / 3);
});

function isEqual(ours: readonly string[], theirs: Answer): boolean {
  return theirs !== null && ours.join() === theirs.join();
}

function describe(name: string, question: Question, ours: string[], theirs: string[]) {
  const at = ours.findIndex((instant, index) => instant !== theirs[index]);
  const from = at < 0 ? ours.length : at;
  return {
    name,
    question,
    from,
    ours: ours.slice(from, from + 3),
    theirs: theirs.slice(from, from + 3),
  };
}
