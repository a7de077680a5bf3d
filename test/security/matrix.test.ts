import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { each } from '../db/lanes.ts';
import type { Door } from './doors/door.ts';
import { graphql } from './doors/graphql.ts';
import { rest } from './doors/rest.ts';
import { sql } from './doors/sql.ts';
import { changes, expected, type Operation } from './matrix.ts';
import { identities, makeScene, type Scene } from './scene.ts';
import { states } from './states.ts';

let scene: Scene;
let before: unknown;
beforeAll(async () => {
  scene = await makeScene();
  before = await stored();
});
afterAll(() => scene.close());

/** All that is kept of the events that nobody may have changed. */
const stored = () =>
  scene.dba.rows(
    `select to_jsonb(e) as event, to_jsonb(c) as contents, to_jsonb(s) as series
     from scheduler_private.events e
     join scheduler_private.event_contents c on c.event_id = e.id
     left join scheduler_private.series s on s.event_id = e.id
     where e.id = any ($1) order by e.id`,
    [scene.shared],
  );

/** What comes of an operation for each identity and state, beside what should. */
async function tried(door: Door, operation: Operation) {
  const cells = identities.flatMap((who) =>
    states.filter((state) => door.has(operation, who, state)).map((state) => ({ who, state })),
  );
  const open = door.open(scene);
  return each(cells, async ({ who, state }) => {
    const fresh = changes(operation, who, state);
    const subject = fresh ? open.estate.fresh(state) : open.estate.shared(state);
    const outcome = await open.perform(operation, who, subject);
    return {
      outcome: `${who}, ${state}: ${outcome}`,
      expected: `${who}, ${state}: ${expected(operation, who, state)}`,
    };
  });
}

describe.each<[string, Door]>([
  ['REST', rest],
  ['GraphQL', graphql],
  ['SQL', sql],
])('by %s', (_name, door) => {
  test.each(door.operations)('%s is for whom it is', async (operation) => {
    const cells = await tried(door, operation);
    expect(cells.length).toBeGreaterThan(7);
    expect(cells.map(({ outcome }) => outcome)).toEqual(cells.map((cell) => cell.expected));
  });
});

test('what was refused changed nothing', async () => {
  expect(await stored()).toEqual(before);
});
