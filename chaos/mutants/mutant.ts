import type { FaultKind } from '../faults/faults.ts';

/** Text that stands exactly once in what is changed, and what takes its place. */
export interface Replacement {
  readonly find: string;
  readonly replace: string;
}

/** A mistake that is made in the scheduler on purpose, to see whether the oracle convicts it. */
export interface Mutant {
  /** kebab-case */
  readonly name: string;
  /** one sentence: what it does wrong */
  readonly breaks: string;
  /** in the relay's source; files by their path in the checkout */
  readonly patch?: readonly (Replacement & { readonly file: string })[];
  /** in functions of the harness's own database, by their names with schema */
  readonly sql?: readonly (Replacement & { readonly function: string })[];
  /** what a run has to contain, all of it; none: load alone shows it */
  readonly exposedBy: readonly FaultKind[];
  /** why a real cluster may not show it: then it is not held against the oracle */
  readonly maySurvive?: string;
}

/**
 * Makes a replacement.
 * @param where names the text in the error
 * @throws Error when what is to be replaced is not there exactly once
 */
export function mutate(text: string, { find, replace }: Replacement, where: string): string {
  const times = text.split(find).length - 1;
  if (times !== 1) {
    throw new Error(`the mutant no longer applies: ${where} has ${times} times\n${find}`);
  }
  // As a function: `$` in it means nothing.
  return text.replace(find, () => replace);
}
