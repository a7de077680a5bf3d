import { createPool, type Queryable, type Statement } from '../../api/database.ts';
import { createLog } from '../../runtime/log.ts';

/** A pool of the API's that keeps the names of the statements it was given. */
export function watchedPool(apiUrl: string) {
  const whole = createPool(apiUrl, 4, createLog('test', 'warn'));
  const names: string[] = [];
  const pool = {
    query: (statement: Statement) => {
      names.push(statement.name);
      return whole.query(statement);
    },
  } as unknown as Queryable;
  return { pool, whole, names, end: () => whole.end() };
}
