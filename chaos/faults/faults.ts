import { broker, coordinator, leader } from './broker.ts';
import { clock } from './clock.ts';
import { cron } from './cron.ts';
import type { Fault } from './fault.ts';
import { kill } from './kill.ts';
import { ledger } from './ledger.ts';
import { cut, delay, swallow } from './network.ts';
import { crash, terminate } from './postgres.ts';
import { stop } from './stop.ts';
import { topic } from './topic.ts';

export type InflictedKind =
  | 'kill'
  | 'sigstop'
  | 'clock-step'
  | 'postgres-crash'
  | 'postgres-terminate'
  | 'broker-kill'
  | 'coordinator-kill'
  | 'leader-kill'
  | 'proxy-cut'
  | 'proxy-delay'
  | 'proxy-swallow'
  | 'topic-delete'
  | 'cron-stop'
  | 'ledger-delete';

export type FaultKind = InflictedKind | 'restore';

/** Every fault within a round, by its name in plans and reports. */
export const faults: Readonly<Record<InflictedKind, Fault>> = {
  kill,
  sigstop: stop,
  'clock-step': clock,
  'postgres-crash': crash,
  'postgres-terminate': terminate,
  'broker-kill': broker,
  'coordinator-kill': coordinator,
  'leader-kill': leader,
  'proxy-cut': cut,
  'proxy-delay': delay,
  'proxy-swallow': swallow,
  'topic-delete': topic,
  'cron-stop': cron,
  'ledger-delete': ledger,
};

/**
 * @param names kinds of faults
 * @throws Error that names the one that there is not
 */
export function chosenKinds(names: readonly string[]): Set<FaultKind> {
  const unknown = names.find((name) => !faultKinds.some((kind) => kind === name));
  if (unknown !== undefined) {
    throw new Error(`no fault ${unknown}; there are ${faultKinds.join(', ')}`);
  }
  return new Set(names as FaultKind[]);
}

/** `restore` ends a round: the database is set back to a copy from some seconds before. */
export const faultKinds = [...(Object.keys(faults) as InflictedKind[]), 'restore'] as const;

export function isInflicted(kind: FaultKind): kind is InflictedKind {
  return kind !== 'restore';
}
