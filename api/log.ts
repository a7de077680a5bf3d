import pino, { type DestinationStream, type Logger } from 'pino';

/**
 * The JSON log of the API.
 * @param level pino's name of it
 * @param to where its lines go; default stderr
 */
export function createLog(level: string, to: DestinationStream = pino.destination(2)): Logger {
  const serializers = { err: withoutRows };
  return pino({ level, base: { program: 'api' }, serializers }, to);
}

/** An error without what Postgres may put a row or a parameter into. */
function withoutRows(error: Error) {
  const { detail: _, internalQuery: _query, ...shown } = pino.stdSerializers.err(error);
  return shown;
}
