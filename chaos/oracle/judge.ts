import type { History } from '../history.ts';
import type { Property, Verdict } from '../verdict.ts';
import { evidenceOf } from './cases.ts';
import { acknowledgedCancel } from './properties/acknowledged-cancel.ts';
import { acknowledgedChange } from './properties/acknowledged-change.ts';
import { alarms } from './properties/alarms.ts';
import { attempts } from './properties/attempts.ts';
import { content } from './properties/content.ts';
import { drained } from './properties/drained.ts';
import { exactlyOnce } from './properties/exactly-once.ts';
import { finalIsFinal } from './properties/final-is-final.ts';
import { keyOrder } from './properties/key-order.ts';
import { neverEarly } from './properties/never-early.ts';
import { occurrences } from './properties/occurrences.ts';
import { refusedChange } from './properties/refused-change.ts';
import { restored } from './properties/restored.ts';
import { seriesStatus } from './properties/series-status.ts';
import { staysUp } from './properties/stays-up.ts';
import { wholeOrNothing } from './properties/whole-or-nothing.ts';

/** What is promised; the gravest first, for the first violation is the one that is told in full. */
export const properties: readonly Property[] = [
  exactlyOnce,
  occurrences,
  neverEarly,
  acknowledgedCancel,
  acknowledgedChange,
  refusedChange,
  wholeOrNothing,
  content,
  finalIsFinal,
  attempts,
  keyOrder,
  seriesStatus,
  drained,
  restored,
  alarms,
  staysUp,
];

/** Judges a round by every property. Pure: the same history, the same verdict. */
export function judge(history: History): Verdict {
  const evidence = evidenceOf(history);
  const findings = new Map(properties.map((one) => [one.name, one.judge(evidence)]));
  const violations = [...findings.values()].flatMap((finding) => finding.violations);
  return { findings, violations };
}
