/**
 * Why a recurrence is refused. Stable: callers and tests may rely on them.
 *
 * - `malformed`: a line, a part or a value is not written as RFC 5545 says
 * - `unsupported`: a property, part, parameter or calendar that is not taken
 * - `missing`, `repeated`: a part that must be there, or may be there only once
 * - `out_of_range`: a number, date or time outside what its part allows
 * - `contradiction`: parts that do not go together
 * - `unknown_timezone`: a TZID that is no known zone
 * - `too_large`: more text, lines or values than `limits`
 * - `no_instances`: nothing ever matches
 * - `too_sparse`: finding an instance would take more work than is allowed
 */
export type RecurrenceErrorCode =
  | 'malformed'
  | 'unsupported'
  | 'missing'
  | 'repeated'
  | 'out_of_range'
  | 'contradiction'
  | 'unknown_timezone'
  | 'too_large'
  | 'no_instances'
  | 'too_sparse';

/** A recurrence that is refused: what is wrong, in which part, and what would be right. */
export class RecurrenceError extends Error {
  override readonly name = 'RecurrenceError';
  readonly code: RecurrenceErrorCode;
  /** property, parameter or rule part at fault, e.g. `BYHOUR` */
  readonly part: string;
  /** a sentence */
  readonly remedy: string;

  /**
   * @param problem completes a sentence that begins with the part, e.g. `is there twice`
   * @param remedy what would be right, a sentence
   */
  constructor(code: RecurrenceErrorCode, part: string, problem: string, remedy: string) {
    super(`${part} ${problem}. ${remedy}`);
    this.code = code;
    this.part = part;
    this.remedy = remedy;
  }
}

/** A piece of the caller's text, short and on one line, for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
