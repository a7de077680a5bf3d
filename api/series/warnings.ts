import type { Warning } from '../../recurrence/index.ts';

/** What a caller should know of a recurrence, as every door says it. */
export interface WarningText {
  readonly code: Warning['code'];
  readonly detail: string;
}

/** @param missed what is to be done with past occurrences; `skip`: nothing, so that there is nothing to warn of */
export function describeWarnings(
  warnings: readonly Warning[],
  missed?: string | null,
): WarningText[] {
  return warnings
    .filter(({ code }) => code !== 'past_occurrences' || missed !== 'skip')
    .map((warning) => ({ code: warning.code, detail: describe(warning, missed) }));
}

function describe(warning: Warning, missed: string | null | undefined): string {
  if (warning.code === 'start_not_matching') {
    return 'The rule does not match scheduledAt, which is therefore no occurrence.';
  }
  const past = `${describePast(warning.count)} in the past`;
  return missed === 'latest' ? `${past}; only the last is published.` : `${past}.`;
}

/** @param count null: too many to count */
export function describePast(count: number | null): string {
  if (count === null) {
    return 'More occurrences than can be counted lie';
  }
  return count === 1 ? '1 occurrence lies' : `${count} occurrences lie`;
}
