/** What the doctor found out about one thing. */
export interface Finding {
  readonly check: string;
  /** warning: it works, but not as it should */
  readonly state: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  /** what to do about it */
  readonly remedy?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail });

export const warning = (check: string, detail: string, remedy: string): Finding => ({
  check,
  state: 'warning',
  detail,
  remedy,
});

export const problem = (check: string, detail: string, remedy: string): Finding => ({
  check,
  state: 'problem',
  detail,
  remedy,
});

/** The innermost message of an error, for connections say nothing at the surface. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { message, name } = error;
  return message || ('code' in error ? String(error.code) : name);
}
