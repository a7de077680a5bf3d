import type { Options } from 'yargs';

/** Options of several commands, named once. */
export const at = {
  type: 'string',
  demandOption: true,
  description: 'scheduledAt: 2030-03-09T17:43:00Z, or without Z wall time in --timezone',
} as const satisfies Options;

export const timezone = {
  type: 'string',
  description: 'IANA time zone, such as Asia/Tokyo; default UTC',
} as const satisfies Options;

export const recurrence = {
  type: 'string',
  array: true,
  description: 'line of RFC 5545, such as RRULE:FREQ=DAILY;COUNT=10; may be given several times',
} as const satisfies Options;

export const gap = {
  choices: ['shift', 'skip'],
  description: 'what a local time means that a clock change skips',
} as const satisfies Options;

export const overlap = {
  choices: ['first', 'last', 'both'],
  description: 'what a local time means that a clock change repeats',
} as const satisfies Options;

export const from = {
  type: 'string',
  description: 'from this date-time on',
} as const satisfies Options;

export const to = {
  type: 'string',
  description: 'before this date-time',
} as const satisfies Options;

export const limit = {
  type: 'number',
  default: 100,
  description: 'how many to show; 0: all',
} as const satisfies Options;

export const status = {
  choices: ['SCHEDULED', 'PUBLISHED', 'CANCELED', 'FAILED'],
} as const satisfies Options;
