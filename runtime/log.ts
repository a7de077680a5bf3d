import pino, { type DestinationStream, type Logger } from 'pino';

/**
 * The JSON log of a program: one structured line per thing that happened, never a payload.
 * @param program its name
 * @param level pino's name of it
 * @param to where its lines go; default stderr
 */
export function createLog(
  program: string,
  level: string,
  to: DestinationStream = pino.destination(2),
): Logger {
  const serializers = { err: withoutRows };
  return pino({ level, base: { program }, serializers }, to);
}

/** An error without what Postgres may put a row or a parameter into. */
function withoutRows(error: Error) {
  const { detail: _, internalQuery: _query, ...shown } = pino.stdSerializers.err(error);
  return shown;
}
