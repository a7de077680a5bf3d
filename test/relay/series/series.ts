import { waitFor } from '../../../local/wait.ts';
import { query } from '../../harness/database.ts';
import type { Received } from '../../harness/kafka.ts';
import type { Stage } from '../../harness/stage.ts';

/** Fields of a series, as scheduler.schedule_event names them. */
export interface SeriesFields {
  /** default: the year 2022 */
  readonly scheduled_at?: string;
  readonly recurrence: string;
  readonly timezone?: string;
  /** default: the stage's first topic */
  readonly destination_topic?: string;
  readonly missed?: 'all' | 'latest' | 'skip';
  readonly max_lateness?: string;
  readonly key?: string;
  readonly headers?: Record<string, string>;
}

/** Stores a series by SQL. @returns its id */
export async function scheduleSeries(stage: Stage, fields: SeriesFields): Promise<string> {
  const given = {
    scheduled_at: '2022-03-09T17:43:00Z',
    payload: 'hello',
    destination_topic: stage.topics[0],
    ...fields,
  };
  const names = Object.keys(given);
  const parameters = names.map((name, index) => `${name} => $${index + 1}`).join(', ');
  const [event] = await query<{ id: string }>(
    stage.database.url,
    `select id from scheduler.schedule_event(${parameters})`,
    Object.values(given),
  );
  return event?.id ?? '';
}

/** `2025-04-15T01:00:00Z`, from milliseconds since 1970 */
export function isoOf(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

/** `20250415T010000Z`, of an instant in ISO 8601 or milliseconds since 1970 */
export function basicOf(instant: string | number): string {
  return isoOf(typeof instant === 'number' ? instant : Date.parse(instant)).replace(/[-:]/g, '');
}

export function instanceId(series: string, instant: string | number): string {
  return `${series}_${basicOf(instant)}`;
}

/** RDATE line of these instants */
export function datesOf(...instants: number[]): string {
  return `RDATE:${instants.map(basicOf).join()}`;
}

/** What has arrived of a series, in the order of arrival. */
export function arrivedOf({ reader }: Stage, series: string): Received[] {
  return reader.messages.filter(({ headers }) => headers['scheduler-series-id'] === series);
}

/** The original starts of what has arrived of a series, `20250415T010000Z`, in the order of arrival. */
export function startsOf(stage: Stage, series: string): string[] {
  return arrivedOf(stage, series).map(({ headers }) => headers.ce_id?.slice(37) ?? '');
}

export interface StoredSeries {
  readonly status: string;
  readonly last_error: string | null;
  readonly pending: string[];
  readonly exhausted: boolean;
  /** not marked for expansion */
  readonly isExpanded: boolean;
}

/** How a series stands now. */
export async function storedSeries({ database }: Stage, id: string): Promise<StoredSeries> {
  const [row] = await query<StoredSeries>(
    database.url,
    `select e.status, e.last_error, s.exhausted, e.expand_by is null as "isExpanded",
      array(select to_char(o.instant at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"') from unnest(s.pending) o) as pending
    from scheduler_private.events e join scheduler_private.series s on s.event_id = e.id
    where e.id = $1`,
    [id],
  );
  if (!row) throw new Error(`no series ${id}`);
  return row;
}

/** Waits until its next occurrences are stored. */
export function untilExpanded(stage: Stage, id: string): Promise<StoredSeries> {
  return waitFor('the series is expanded', 20_000, async () => {
    const series = await storedSeries(stage, id);
    return series.isExpanded && series;
  });
}
