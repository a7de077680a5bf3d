import { IANAZone } from 'luxon';
import { expect, test } from 'vitest';
import { Zones } from '../../../recurrence/index.ts';
import { Dice } from '../../recurrence/random-rules.ts';

const DAY = 86_400;
const FROM = Date.UTC(1970, 0, 1) / 1000;
const TO = Date.UTC(2106, 0, 1) / 1000;

test('a zone finds every change that luxon knows, though it asks only now and then', {
  timeout: 1_800_000,
}, () => {
  const dice = new Dice(42);
  const zones = new Zones();
  const wrong: string[] = [];
  let known = 0;
  for (const name of Intl.supportedValuesOf('timeZone')) {
    const zone = zones.get(name);
    const luxon = IANAZone.create(name);
    known += zone ? 1 : 0;
    for (let day = FROM; zone && day < TO; day += DAY) {
      const instant = day + dice.roll(DAY);
      if (zone.offsetAt(instant) !== Math.round(luxon.offset(instant * 1000) * 60)) {
        wrong.push(`${name} ${new Date(instant * 1000).toISOString()}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(known).toBeGreaterThan(400);
});
