/** What a local time means that a clock change skips. */
export type Gap = 'shift' | 'skip';
/** What a local time means that a clock change repeats. */
export type Overlap = 'first' | 'last' | 'both';
/** Which overdue occurrences of a series are published. */
export type Missed = 'all' | 'latest' | 'skip';
