import type { Mutant } from './mutant.ts';
import { ofDatabase } from './of-database.ts';
import { ofPublishing } from './of-publishing.ts';
import { ofRecovery } from './of-recovery.ts';

/** Every mistake that the oracle has to convict. */
export const mutants: readonly Mutant[] = [...ofRecovery, ...ofPublishing, ...ofDatabase];

/** @throws Error that lists the names when there is no such mutant */
export function mutantNamed(name: string): Mutant {
  const found = mutants.find((mutant) => mutant.name === name);
  if (found) return found;
  throw new Error(`no mutant "${name}"; there are ${mutants.map((one) => one.name).join(', ')}`);
}
