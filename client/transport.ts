import { type SchedulerError, toError } from './errors.ts';
import { pause, pauseBefore, type Repetition } from './repetition.ts';

export interface TransportOptions {
  /** where the API is, such as `https://scheduler.example.com`; may have a path */
  readonly baseUrl: string | URL;
  /** JWT, or a function that gives a fresh one for each attempt; default: none */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** default: that of the runtime */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** ms that a call may last with all its repetitions; default 60,000 */
  readonly timeout?: number | undefined;
  /** ms that one attempt may last; default 20,000 */
  readonly attemptTimeout?: number | undefined;
}

export interface CallOptions {
  /** ends the call; what it throws then is the signal's reason */
  readonly signal?: AbortSignal | undefined;
  /** ms, instead of the client's */
  readonly timeout?: number | undefined;
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** below baseUrl, beginning with a slash */
  readonly path: string;
  readonly query?: URLSearchParams | undefined;
  /** sent as JSON */
  readonly body?: unknown;
  /** ETag: refused when it is another now */
  readonly ifMatch?: string | undefined;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A refusal, and whether to ask again. */
interface Failure {
  readonly error: SchedulerError;
  /** null: the same request would get the same answer */
  readonly repetition: Repetition | null;
}

/** Sends requests and repeats those that it is safe and of use to repeat: all of ours are idempotent. */
export class Transport {
  readonly #baseUrl: string;
  readonly #token: TransportOptions['token'];
  readonly #fetch: typeof globalThis.fetch;
  readonly #timeout: number;
  readonly #attemptTimeout: number;

  /** @throws TypeError when baseUrl is no URL */
  constructor(options: TransportOptions) {
    const { origin, pathname } = new URL(options.baseUrl);
    this.#baseUrl = `${origin}${pathname.replace(/\/+$/, '')}`;
    this.#token = options.token;
    // Browsers want it called as a method of nothing but the global object.
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#timeout = options.timeout ?? 60_000;
    this.#attemptTimeout = options.attemptTimeout ?? 20_000;
  }

  /**
   * @throws SchedulerError when it is refused, or there is no answer in time; the signal's reason
   */
  async send<Body>(request: Request, options: CallOptions = {}): Promise<Answer<Body>> {
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    const end = performance.now() + (options.timeout ?? this.#timeout);
    for (let attempt = 1; ; attempt++) {
      options.signal?.throwIfAborted();
      const answer = await this.#attempt<Body>(request, body, end, options.signal);
      if (!('error' in answer)) return answer;
      const { error, repetition } = answer;
      if (!repetition) throw error;
      const wait = pauseBefore(attempt, repetition);
      if (performance.now() + wait >= end) throw error;
      await pause(wait, options.signal);
    }
  }

  async #attempt<Body>(
    { method, path, query, ifMatch }: Request,
    body: string | null,
    end: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer<Body> | Failure> {
    const headers = await this.#headers();
    if (body !== null) headers.set('content-type', 'application/json');
    if (ifMatch !== undefined) headers.set('if-match', ifMatch);
    const url = `${this.#baseUrl}${path}${query?.size ? `?${query}` : ''}`;
    const limit = Math.max(1, Math.min(this.#attemptTimeout, end - performance.now()));
    const late = AbortSignal.timeout(Math.ceil(limit));
    const either = signal ? AbortSignal.any([signal, late]) : late;
    try {
      const response = await this.#fetch(url, { method, headers, body, signal: either });
      return readAnswer<Body>(response, await response.text());
    } catch (cause) {
      signal?.throwIfAborted();
      return { error: noAnswer(late.aborted, limit, cause), repetition: { after: 0 } };
    }
  }

  async #headers(): Promise<Headers> {
    const headers = new Headers({ accept: 'application/json' });
    const token = typeof this.#token === 'function' ? await this.#token() : this.#token;
    if (token) headers.set('authorization', `Bearer ${token}`);
    return headers;
  }
}

function noAnswer(late: boolean, limit: number, cause: unknown): SchedulerError {
  const refusal = late
    ? { code: 'timed_out', title: 'No answer in time', detail: `${Math.round(limit)} ms` }
    : { code: 'unreachable', title: 'The scheduler cannot be reached', detail: reasonOf(cause) };
  return toError({ status: null, ...refusal }, cause);
}

/** The innermost message: fetch itself only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

function readAnswer<Body>(response: Response, text: string): Answer<Body> | Failure {
  const { status, headers } = response;
  const body = readJson(text);
  if (response.ok && body !== undefined) return { status, headers, body: body as Body };
  const error = toError({ status, ...readProblem(response, body) });
  return { error, repetition: repetitionOf(error, headers) };
}

/** undefined: it is no JSON */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readProblem({ status, ok, statusText, headers }: Response, body: unknown) {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const text = (name: string) => {
    const value = problem[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    code: text('code') ?? 'unexpected_answer',
    title: text('title') ?? (ok ? 'The answer is no JSON' : `${status} ${statusText}`.trim()),
    detail: text('detail'),
    field: text('field'),
    hint: text('hint'),
    requestId: headers.get('x-request-id') ?? undefined,
  };
}

/** What is over soon: someone else's transaction, the load, a restart. */
const PASSING_CODES = new Set(['in_flight', 'busy']);
const PASSING_STATUSES = new Set([408, 429, 502, 503, 504]);

function repetitionOf({ status, code }: SchedulerError, headers: Headers): Repetition | null {
  const passes = status !== null && PASSING_STATUSES.has(status);
  return passes || PASSING_CODES.has(code) ? { after: retryAfter(headers) } : null;
}

/** ms that the server asks to wait; 0 when it does not say */
function retryAfter(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}
