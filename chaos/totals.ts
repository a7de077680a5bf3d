import type { History } from './history.ts';
import type { Verdict } from './verdict.ts';

/** What a campaign comes to. */
export class Totals {
  rounds = 0;
  operations = 0;
  messages = 0;
  violations = 0;
  /** the first history with a violation, to be told in full */
  first: { readonly history: History; readonly verdict: Verdict } | null = null;
  /** by kind of fault */
  readonly incidents = new Map<string, number>();
  /** by property: in how many cases it was looked at */
  readonly checked = new Map<string, number>();

  add(history: History, verdict: Verdict): void {
    this.rounds += 1;
    this.operations += history.operations.length;
    this.messages += history.log.length;
    this.violations += verdict.violations.length;
    if (verdict.violations.length > 0) this.first ??= { history, verdict };
    for (const { kind } of history.incidents) count(this.incidents, kind, 1);
    for (const [property, { checked }] of verdict.findings) count(this.checked, property, checked);
  }
}

function count(counts: Map<string, number>, name: string, more: number): void {
  counts.set(name, (counts.get(name) ?? 0) + more);
}
