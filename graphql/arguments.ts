import { type ErrorCatalogue, ProblemError } from '../api/errors.ts';

/** Arguments of a page, as GraphQL has them. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

const NAMES: Readonly<Record<string, string>> = { limit: 'first', cursor: 'after' };

/**
 * Reads arguments as REST reads the parameters of its queries.
 * @param read given them as texts, null ones left out
 * @throws ProblemError that names the argument
 */
export function readArguments<Arguments extends PageArguments, Result>(
  { first, after, ...others }: Arguments,
  errors: ErrorCatalogue,
  // biome-ignore lint/suspicious/noExplicitAny: the schema says what the arguments are
  read: (query: any, errors: ErrorCatalogue) => Result,
): Result {
  const given = { ...others, limit: first, cursor: after };
  try {
    return read(
      Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)),
      errors,
    );
  } catch (error) {
    const { code, field, detail } = errors.translate(error).problem;
    const name = NAMES[field ?? ''];
    throw error instanceof ProblemError && name !== undefined
      ? errors.refusal(code, { field: name, detail, cause: error })
      : error;
  }
}
