import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dice, diceOf } from '../dice.ts';
import type { EventVersion, Operation, Rule } from '../history.ts';
import { instanceId, startsOf } from '../series.ts';
import type { Door } from './door.ts';
import { type Destinations, randomSeries, randomVersion, revisedSeries } from './versions.ts';

/** Callers that create, change and cancel events, series and instances of them all the time. */
export interface Workload {
  /** every call so far, in the order of its end */
  readonly operations: readonly Operation[];
  /** Lets the calls under way end, and makes no more. */
  stop(): Promise<void>;
}

export interface WorkloadOptions {
  readonly seed: string;
  /** one caller each */
  readonly doors: readonly Door[];
  readonly destinations: Destinations;
  /** ms that a caller waits between calls, at most */
  readonly pause: number;
}

interface Known {
  readonly id: string;
  /** when it is due; of a series: one of its starts */
  readonly instant: number;
  /** of a series: as it was created */
  readonly series: Series | null;
}

type Series = EventVersion & { readonly rule: Rule };

/** ms */
const NEAR = 400;

/** How many of the latest events, series and instances a caller may still change. */
const REMEMBERED = 250;

/** Percent of what is created. */
const SERIES = 8;

export function startWorkload({ seed, doors, destinations, pause }: WorkloadOptions): Workload {
  const operations: Operation[] = [];
  /** of all callers, so that two of them change the same event at once */
  const known: Known[] = [];
  const stopping = new AbortController();
  let stopped: Promise<void> | null = null;
  const callers = doors.map(async (door, number) => {
    const dice = diceOf(`${seed} caller ${number}`);
    while (!stopping.signal.aborted) {
      await callOnce(door, dice);
      await sleep(dice.between(0, pause));
    }
  });

  async function callOnce(door: Door, dice: Dice): Promise<void> {
    const kind = kindOf(dice, known.length);
    if (kind === 'create') {
      const id = randomUUID();
      const made = dice.chance(SERIES) ? randomSeries : randomVersion;
      const version = made(dice, destinations, Date.now());
      const outcome = await record(door, kind, id, version);
      known.push(...knownOf(dice, id, version));
      known.splice(0, Math.max(0, known.length - REMEMBERED));
      // As a caller should: the same again, until it knows.
      if (outcome === 'unknown' && dice.chance(50)) await record(door, kind, id, version);
      return;
    }
    const { id, instant, series } = choose(dice, known);
    // Many at the very moment at which the event is claimed.
    const ahead = instant - Date.now() - dice.between(-5, 35);
    if (ahead > 0 && ahead < NEAR) await sleep(ahead);
    const changed = series
      ? revisedSeries(dice, destinations, series)
      : randomVersion(dice, destinations, Date.now());
    await record(door, kind, id, kind === 'replace' ? changed : null);
  }

  async function record(
    door: Door,
    kind: Operation['kind'],
    id: string,
    version: EventVersion | null,
  ): Promise<Operation['outcome']> {
    const from = Date.now();
    const { outcome, code } = await answer(door, kind, id, version);
    operations.push({ kind, door: door.name, id, version, from, to: Date.now(), outcome, code });
    return outcome;
  }

  async function end(): Promise<void> {
    stopping.abort();
    await Promise.all(callers);
    await Promise.all(doors.map((door) => door.close()));
  }

  return {
    operations,
    stop: () => {
      stopped ??= end();
      return stopped;
    },
  };
}

/** What can be changed of what was created: an event; a series, and each of its instances. */
function knownOf(dice: Dice, id: string, version: EventVersion): Known[] {
  const { rule, instant } = version;
  if (!rule) return [{ id, instant, series: null }];
  return startsOf(version).flatMap((start): Known[] => {
    const instance = { id: instanceId(id, start), instant: start, series: null };
    const whole = { id, instant: start, series: { ...version, rule } };
    return dice.chance(35) ? [instance, whole] : [instance];
  });
}

/** One of the events that are due next, if there is any; or whichever. */
function choose(dice: Dice, known: readonly Known[]): Known {
  const now = Date.now();
  const near = known.filter(({ instant }) => instant > now && instant < now + NEAR);
  const from = near.length > 0 && dice.chance(60) ? near : known;
  return from[dice.between(0, from.length - 1)] as Known;
}

function kindOf(dice: Dice, known: number): Operation['kind'] {
  const place = dice.between(0, 99);
  if (known < 10 || place < 70) return 'create';
  return place < 86 ? 'replace' : 'cancel';
}

function answer(door: Door, kind: Operation['kind'], id: string, version: EventVersion | null) {
  if (version === null) return door.cancel(id);
  return kind === 'create' ? door.create(id, version) : door.replace(id, version);
}
