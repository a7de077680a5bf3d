import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dice, diceOf } from '../dice.ts';
import type { EventVersion, Operation } from '../history.ts';
import type { Door } from './door.ts';
import { type Destinations, randomVersion } from './versions.ts';

/** Callers that create, change and cancel all the time. */
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
  readonly instant: number;
}

/** ms */
const NEAR = 400;

/** How many of its latest events a caller may still change. */
const REMEMBERED = 200;

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
      const version = randomVersion(dice, destinations, Date.now());
      const outcome = await record(door, kind, id, version);
      known.push({ id, instant: version.instant });
      if (known.length > REMEMBERED) known.shift();
      // As a caller should: the same again, until it knows.
      if (outcome === 'unknown' && dice.chance(50)) await record(door, kind, id, version);
      return;
    }
    const { id, instant } = choose(dice, known);
    // Many at the very moment at which the event is claimed.
    const ahead = instant - Date.now() - dice.between(-5, 35);
    if (ahead > 0 && ahead < NEAR) await sleep(ahead);
    const version = kind === 'replace' ? randomVersion(dice, destinations, Date.now()) : null;
    await record(door, kind, id, version);
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
