import { expect, test } from 'vitest';
import { judge, properties } from '../../../chaos/oracle/judge.ts';
import { storyOf, tableOf } from '../../../chaos/oracle/report.ts';
import { Totals } from '../../../chaos/totals.ts';
import { publishedSeries } from './series-story.ts';
import {
  audit,
  delivered,
  history,
  incident,
  operation,
  published,
  record,
  row,
  state,
  T,
  version,
} from './story.ts';

const lane = { lane: 0, quarantineReason: null, openBatch: null };
const rejected = {
  operations: [operation('r', { version: version({ topic: 'missing' }) })],
  rows: [
    row('r', {
      ...version({ topic: 'missing' }),
      status: 'FAILED' as const,
      lastError: 'unknown_topic',
      attempts: [0, 1, 2].map((i) => ({ at: T + 1_000 + i * 300, code: 'unknown_topic' })),
    }),
  ],
  audit: audit(
    'r',
    state('SCHEDULED'),
    state('SCHEDULED', 1),
    state('SCHEDULED', 2),
    state('FAILED', 3),
  ),
};
const canceled = {
  operations: [operation('c'), operation('c', { kind: 'cancel', from: T + 20, to: T + 30 })],
  rows: [row('c', { status: 'CANCELED' as const })],
  audit: audit('c', state('SCHEDULED'), state('CANCELED')),
};

test('a round in which all went well is convicted of nothing, and every property looked', () => {
  const { findings, violations } = judge(
    history(
      published('a', version({ key: 'k' })),
      published('b', version({ key: 'k', instant: T + 2_000 }), { offset: 1 }),
      {
        operations: [
          operation('b', {
            kind: 'replace',
            version: version({ key: 'k', instant: T + 2_000 }),
            to: T + 20,
          }),
        ],
      },
      {
        operations: [
          operation('b', {
            kind: 'cancel',
            from: T + 1_990,
            to: T + 1_995,
            outcome: 'refused',
            code: 'in_flight',
          }),
        ],
      },
      rejected,
      canceled,
      publishedSeries('s'),
      {
        lanes: [lane],
        incidents: [incident('kill', T, T + 100), incident('ledger-delete', T, T + 100)],
      },
      { restoration: { at: T, lanes: [{ lane: 0, movedOn: true, quarantined: true }], log: [] } },
    ),
  );
  expect(violations).toEqual([]);
  for (const [name, { checked }] of findings) expect(checked, name).toBeGreaterThan(0);
  expect([...findings.keys()]).toEqual(properties.map(({ name }) => name));
});

test('a lane that works on without its ledger is convicted', () => {
  const missed = 'without its ledger, lane 2 works on';
  const { violations } = judge(
    history(published('a'), { incidents: [{ ...incident('ledger-delete', T, T + 100), missed }] }),
  );
  expect(violations).toEqual([{ property: 'alarms', id: null, message: missed }]);
});

test('fifty thousand events that went well are convicted of nothing', () => {
  const parts = Array.from({ length: 50_000 }, (_, i) =>
    published(`e${i}`, version({ key: `k${i % 24}`, instant: T + 1_000 + i }), {
      partition: i % 3,
      offset: Math.floor(i / 3),
      timestamp: T + 1_000 + i,
    }),
  );
  const all = history(...parts);
  expect(judge({ ...all, dueBy: T + 100_000 }).violations).toEqual([]);
});

test('the story of a violation has all of its event, in order, and the faults meanwhile', () => {
  const first = record('a');
  const again = record('a', { offset: 7, timestamp: T + 4_000 });
  const faults = [
    incident('kill', T + 500, T + 2_000),
    incident('cron-stop', T + 9_000, T + 9_100),
  ];
  const told = history(published('a', version({ headers: {} })), {
    log: [again],
    deliveries: [delivered(again)],
    incidents: faults,
  });
  const story = storyOf(told, judge(told));
  const lines = story.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' '));
  expect(lines[1]).toContain('exactly-once: a: it should be on its topic once');
  expect(lines.slice(3).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    '+0.0 call',
    '+5.0 database',
    '+500.0 fault',
    '+1000.0 instant',
    '+1005.0 record',
    `+${delivered(first).at - T}.0 delivery`,
    '+1020.0 database',
    '+4000.0 record',
    '+4010.0 delivery',
    'at the',
  ]);
  expect(story).not.toContain('cron-stop');
});

test('a violation of no event has the faults, and none at all is said', () => {
  const told = history({
    lanes: [{ ...lane, openBatch: 'b' }],
    incidents: [incident('kill', T, T + 5)],
  });
  expect(storyOf(told, judge(told))).toMatch(
    /no event in particular: lane 0 has batch b open(.|\n)*kill somewhere/,
  );
  expect(storyOf(history(), judge(history()))).toBe('0 violations');
});

test('the table counts faults and cases, and says which property was violated', () => {
  const totals = new Totals();
  const bad = history(published('a'), {
    lanes: [{ ...lane, openBatch: 'b' }],
    incidents: [incident('kill', T, T)],
  });
  totals.add(bad, judge(bad));
  totals.add(history(published('b')), judge(history(published('b'))));
  const table = tableOf(totals);
  expect(table).toMatch(/^ +1 {2}kill$/m);
  expect(table).toMatch(/^ +2 {2}whole-or-nothing: .*asked for$/m);
  expect(table).toMatch(/^ +3 {2}drained: .*VIOLATED 1 times/m);
});
