import { expect, test } from 'vitest';
import { readEventId } from '../../../api/events/event-id.ts';
import {
  comparePositions,
  positionBefore,
  readCursor,
  secondOf,
  writeCursor,
} from '../../../api/series/position.ts';

const uuid = '318849b6-39b9-47fb-8b23-4fd43089f03f';

test('ids of events and instances are told apart, in any case', () => {
  expect(readEventId(uuid.toUpperCase())).toEqual({ type: 'event', id: uuid });
  const id = `${uuid}_20250424T010000Z`;
  const instance = { type: 'instance', id, seriesId: uuid, instant: 1_745_456_400 };
  expect(readEventId(id)).toEqual(instance);
  expect(readEventId(id.toUpperCase())).toEqual(instance);
  expect(readEventId(id.toLowerCase())).toEqual(instance);
});

test.each([
  '',
  'x',
  uuid.slice(1),
  `${uuid}_`,
  `${uuid}-20250424T010000Z`,
  `${uuid}_20250424T010000`,
  `${uuid}_20250424T010000Z `,
  `${uuid}_20250231T010000Z`,
  `${uuid}_00000101T000000Z`,
  `${uuid}_20250424T240000Z`,
  `${uuid}_2025-04-24T01:00:00Z`,
])('%j is neither', (text) => {
  expect(readEventId(text)).toBeNull();
});

test('positions are in order of time, then id', () => {
  const second = positionBefore(1_745_456_400, 0);
  const inOrder = [
    positionBefore(-62_135_596_800, 0),
    second,
    { ...second, id: uuid },
    { ...second, id: `${uuid}_20250424T010000Z` },
    positionBefore(1_745_456_400, 1),
    positionBefore(1_745_456_400, 500_000),
    positionBefore(1_745_456_401, 0),
    positionBefore(253_402_300_799, 999_999),
  ];
  expect(inOrder.toReversed().sort(comparePositions)).toEqual(inOrder);
  expect(inOrder.map(writeCursor).map(readCursor)).toEqual(inOrder);
  expect(secondOf(positionBefore(1_745_456_400, 999_999))).toBe(1_745_456_400);
});

test.each([
  '',
  'x',
  'Li4v',
  `${writeCursor(positionBefore(0, 0))}=`,
  writeCursor({ at: '2025-04-24T01:00:00', id: '' }),
  writeCursor({ at: '2025-04-24T01:00:00.000000', id: 'x y' }),
  writeCursor({ at: '2025-04-24T01:00:00.000000', id: "'" }),
])('%j is no cursor', (text) => {
  expect(readCursor(text)).toBeUndefined();
});
