import type { Evidence } from './oracle/cases.ts';

export interface Violation {
  readonly property: string;
  /** id of the event that it is about; null for a lane or the whole round */
  readonly id: string | null;
  /** another event that has to do with it, such as the one that came in its place */
  readonly otherId?: string;
  /** one sentence: what should be, what is */
  readonly message: string;
}

/** What one property makes of a history. */
export interface Finding {
  /** in how many cases it was looked at; a property that looked at nothing shows nothing */
  readonly checked: number;
  readonly violations: readonly Violation[];
}

/** A property that a history must have. */
export interface Property {
  /** kebab-case, also its file's name */
  readonly name: string;
  /** one sentence for people */
  readonly promise: string;
  judge(evidence: Evidence): Finding;
}

export interface Verdict {
  readonly findings: ReadonlyMap<string, Finding>;
  readonly violations: readonly Violation[];
}
