import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LaneStep } from '../../../relay/lane-context.ts';
import {
  expectOnTopicsOnce,
  type Stage,
  schedule,
  setStage,
  statesOf,
  untilFinal,
} from '../../harness/stage.ts';
import { basicOf, scheduleSeries, startsOf } from './series.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('series-crash', { topics: 1 });
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

const settings = { BATCH_EVENTS: '15', LEASE_SECONDS: '0.5' };
const START = Date.parse('2022-03-09T17:43:00Z');
const EACH = 40;

const kills: [step: LaneStep, after: number][] = [
  ['claimed', 1],
  ['sent', 1],
  ['committed', 2],
  ['confirmed', 1],
];

test.each(kills)(
  'kill -9 at %s, after %i of them: another relay publishes every occurrence once, in order',
  async (step, after) => {
    const recurrence = `RRULE:FREQ=SECONDLY;COUNT=${EACH}`;
    const series: string[] = [];
    for (const key of ['a', 'b']) series.push(await scheduleSeries(stage, { recurrence, key }));
    // Events of the same lane, in the middle of the series.
    const events = await schedule(stage, { count: 10, at: '2022-03-09T17:43:10Z', key: 'a' });
    const { signal } = await stage.relay({ settings, killAt: step, after }).exited;
    expect(signal).toBe('SIGKILL');

    const relay = stage.relay({ settings });
    await untilFinal(stage, [...series, ...events]);
    const states = await statesOf(stage, [...series, ...events]);
    expect(states.filter(({ status }) => status !== 'PUBLISHED')).toEqual([]);
    await expectOnTopicsOnce(stage, events);
    const starts = Array.from({ length: EACH }, (_, n) => basicOf(START + n * 1000));
    for (const id of series) expect(startsOf(stage, id)).toEqual(starts);
    expect(await relay.stop()).toEqual({ code: 0, signal: null });
  },
);
