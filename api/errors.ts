import pg from 'pg';

/** Problem details (RFC 9457) of one refused request; GraphQL carries the same in `extensions`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** JSON path of the field at fault, as the caller sent it */
  readonly field?: string;
  readonly hint?: string;
  /** URN of the request, with the id that X-Request-Id and the log have */
  readonly instance?: string;
}

/** What an error code means: a row of scheduler_private.error_codes. */
export interface ErrorCode {
  readonly code: string;
  readonly sqlstate?: string;
  readonly httpStatus: number;
  readonly title: string;
  readonly hint: string;
}

export interface RefusalOptions {
  readonly field?: string | undefined;
  readonly detail?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer other than success, with everything that the caller is told. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Problem, headers: Readonly<Record<string, string>>, cause: unknown) {
    super(`${problem.title}: ${problem.detail}`, { cause });
    this.problem = problem;
    this.headers = headers;
  }
}

/** An error of one item of a list: the item's index before its field. */
export function inItem(error: unknown, index: number): unknown {
  if (!(error instanceof ProblemError)) {
    return error;
  }
  const { problem, headers, cause } = error;
  const field = problem.field ? `[${index}].${problem.field}` : `[${index}]`;
  return new ProblemError({ ...problem, field }, headers, cause);
}

/** What SQL cannot say, because it never saw the request or did not answer. */
const ownCodes: readonly ErrorCode[] = [
  {
    code: 'malformed_json',
    httpStatus: 400,
    title: 'Malformed JSON',
    hint: 'Send JSON in UTF-8.',
  },
  {
    code: 'bad_request',
    httpStatus: 400,
    title: 'Bad request',
    hint: 'Send it as the description of the API says.',
  },
  {
    code: 'query_too_complex',
    httpStatus: 400,
    title: 'The GraphQL document asks for too much at once',
    hint: 'Ask for less in one request.',
  },
  {
    code: 'many_past_occurrences',
    httpStatus: 400,
    title: 'More than 100 occurrences lie in the past',
    hint: 'Say by missed which of them to publish: all, latest or skip.',
  },
  {
    code: 'invalid_token',
    httpStatus: 401,
    title: 'The token is not valid',
    hint: 'Send one that is in force, signed by an issuer of JWT_ISSUERS for JWT_AUDIENCE.',
  },
  {
    code: 'foreign_origin',
    httpStatus: 403,
    title: 'The request comes from another site',
    hint: 'Send a token, or call the API by its own name from a program or a page of its own.',
  },
  {
    code: 'no_such_route',
    httpStatus: 404,
    title: 'No such route',
    hint: 'Events live under /events, GraphQL under /graphql.',
  },
  {
    code: 'method_not_allowed',
    httpStatus: 405,
    title: 'Method not allowed',
    hint: 'Use one of the methods of the header Allow.',
  },
  {
    code: 'request_timeout',
    httpStatus: 408,
    title: 'The request took too long to arrive',
    hint: 'Send it faster, or less.',
  },
  {
    code: 'busy',
    httpStatus: 409,
    title: 'Another transaction was in the way',
    hint: 'Try again.',
  },
  {
    code: 'precondition_failed',
    httpStatus: 412,
    title: 'The event has changed meanwhile',
    hint: 'Read it again; its ETag is what If-Match takes.',
  },
  {
    code: 'body_too_large',
    httpStatus: 413,
    title: 'The body is too large',
    hint: 'Send at most 16 MiB.',
  },
  {
    code: 'unsupported_media_type',
    httpStatus: 415,
    title: 'Unsupported media type',
    hint: 'Send Content-Type: application/json, as it is or with Content-Encoding gzip or deflate.',
  },
  {
    code: 'headers_too_large',
    httpStatus: 431,
    title: 'The head of the request is too large',
    hint: 'Send fewer or shorter headers.',
  },
  {
    code: 'too_many_subscriptions',
    httpStatus: 429,
    title: 'Too many subscriptions',
    hint: 'End others first, or try again later.',
  },
  {
    code: 'internal_error',
    httpStatus: 500,
    title: 'Internal error',
    hint: 'The log of the API says more.',
  },
  {
    code: 'keys_unavailable',
    httpStatus: 503,
    title: 'The keys of the issuer of the token are away',
    hint: 'Try again later.',
  },
  {
    code: 'stopping',
    httpStatus: 503,
    title: 'This server is stopping',
    hint: 'Ask another one, or this one when it is back.',
  },
  {
    code: 'database_unavailable',
    httpStatus: 503,
    title: 'The database is away',
    hint: 'Try again later; nothing was lost.',
  },
];

/** With every 503. */
const RETRY_AFTER_SECONDS = '2';

/** The one mapping from what goes wrong to what REST and GraphQL say about it. */
export class ErrorCatalogue {
  readonly #byCode: ReadonlyMap<string, ErrorCode>;
  readonly #bySqlstate: ReadonlyMap<string, ErrorCode>;

  /** @param rows scheduler_private.error_codes */
  constructor(rows: readonly ErrorCode[]) {
    this.#byCode = new Map([...ownCodes, ...rows].map((row) => [row.code, row]));
    this.#bySqlstate = new Map(rows.map((row) => [row.sqlstate ?? '', row]));
  }

  /** What a code means. */
  find(code: string): ErrorCode | undefined {
    return this.#byCode.get(code);
  }

  /**
   * The error to throw for a code.
   * @throws Error when there is no such code: a mistake in this program
   */
  refusal(code: string, options: RefusalOptions = {}): ProblemError {
    const known = this.#byCode.get(code);
    if (!known) {
      throw new Error(`there is no error code ${code}`, { cause: options.cause });
    }
    const problem: Problem = {
      type: `urn:event-scheduler:error:${code}`,
      title: known.title,
      status: known.httpStatus,
      detail: options.detail || known.title,
      code,
      ...(options.field ? { field: options.field } : {}),
      hint: known.hint,
    };
    const retry = known.httpStatus === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : {};
    return new ProblemError(problem, { ...retry, ...options.headers }, options.cause);
  }

  /** What to say about anything that was thrown; status 500 means: log its cause, the caller learns nothing. */
  translate(error: unknown): ProblemError {
    if (error instanceof ProblemError) {
      return error;
    }
    if (isDatabaseAway(error)) {
      return this.refusal('database_unavailable', { cause: error });
    }
    return error instanceof pg.DatabaseError
      ? this.#fromDatabase(error)
      : this.refusal('internal_error', { cause: error });
  }

  #fromDatabase(error: pg.DatabaseError): ProblemError {
    const sqlstate = error.code ?? '';
    const ours = this.#bySqlstate.get(sqlstate);
    if (ours) {
      const { column: field, detail } = error;
      return this.refusal(ours.code, { field, detail, cause: error });
    }
    if (sqlstate === LOCK_NOT_AVAILABLE) {
      return this.refusal('in_flight', { cause: error });
    }
    if (RETRYABLE.includes(sqlstate)) {
      return this.refusal('busy', { cause: error });
    }
    // Data exceptions and constraints that no rule of ours named first: their words would show the row.
    if (sqlstate.startsWith('22') || sqlstate.startsWith('23')) {
      return this.refusal('invalid_event', { cause: error });
    }
    return this.refusal('internal_error', { cause: error });
  }
}

const LOCK_NOT_AVAILABLE = '55P03';
const RETRYABLE = ['40001', '40P01'];

/**
 * Connection lost, server starting or stopping, out of resources (a full disk among them), I/O errors of
 * its system, wrong password, statement timeout, read-only.
 */
const DATABASE_AWAY = /^(?:08|28|53|57P|57014|58|3D000|25006)/;

/** node-postgres has no codes for these. */
const CONNECTION_LOST =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

const NETWORK_ERRORS = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOENT'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
]);

function isDatabaseAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) {
    return DATABASE_AWAY.test(error.code ?? '');
  }
  if (!(error instanceof Error)) {
    return false;
  }
  return (
    NETWORK_ERRORS.has((error as NodeJS.ErrnoException).code ?? '') ||
    CONNECTION_LOST.test(error.message)
  );
}
