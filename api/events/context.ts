import type { Queryable } from '../database.ts';
import type { ErrorCatalogue } from '../errors.ts';
import type { SeriesContext } from '../series/context.ts';
import type { Creations } from './creations.ts';
import type { EventStatements } from './statements.ts';
import type { Statuses } from './statuses.ts';

/** What everything that has to do with events needs, whichever door a caller comes through. */
export interface EventsContext {
  readonly pool: Queryable;
  readonly errors: ErrorCatalogue;
  readonly statements: EventStatements;
  readonly creations: Creations;
  readonly statuses: Statuses;
  /** null: this schema has no series yet */
  readonly series: SeriesContext | null;
}
