import type { Revision, Watermark } from '../../recurrence/index.ts';

/** A series that needs occurrences, as it was when it was read. All instants in seconds since 1970. */
export interface MarkedSeries {
  readonly id: string;
  /** grows with every change of the series; a bigint, hence a string */
  readonly version: string;
  /** null: not given, which means all */
  readonly missed: 'all' | 'latest' | 'skip' | null;
  /** in order, the last is the present one */
  readonly revisions: readonly Revision[];
  /** everything up to it is dealt with */
  readonly watermark: Watermark | null;
  readonly createdAt: number;
  /** what the database's clock showed */
  readonly now: number;
  /** whether it was expanded before */
  readonly checked: boolean;
  /** exceptions of which it is not known whether their original starts are occurrences of the present rule */
  readonly unsettled: readonly UnsettledException[];
}

/** Which occurrence of its series an exception takes the place of. */
export interface Place {
  readonly id: string;
  readonly instant: number;
  readonly wall: number;
  readonly secondPass: boolean;
}

interface UnsettledException extends Place {
  /** whether its status is final */
  readonly final: boolean;
}

/** What became of a marked series, in the form that store_occurrences takes. */
export interface ExpandedSeries {
  readonly id: string;
  /** of what was read: a later one refuses it */
  readonly version: string;
  /** the next occurrences, those that have an exception among them */
  readonly pending: readonly Watermark[];
  /** whether nothing comes after these */
  readonly exhausted: boolean;
  /** everything up to it is passed over as missed */
  readonly passed: Watermark | null;
  /** occurrences up to here have been judged by the rule of `missed` */
  readonly judgedUntil: number | null;
  /** exceptions that stay, and their places by the present rule */
  readonly settled: readonly Place[];
  /** exceptions whose original starts are no occurrences any more */
  readonly dropped: readonly string[];
  /** why it cannot be expanded, ever */
  readonly error: ExpansionError | null;
}

export interface ExpansionError {
  readonly code: 'invalid_recurrence' | 'many_past_occurrences';
  /** a sentence */
  readonly detail: string;
}
