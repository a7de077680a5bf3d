import autocannon from 'autocannon';

/** for single creations and reads */
export const CONNECTIONS = 64;
/** events of a batch */
export const BATCH = 1_000;
export const BATCH_CONNECTIONS = 4;
/** seconds that a JIT and a connection pool take to be what they are in the long run */
export const WARM_UP = 5;

export interface Load {
  /** of the API */
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly connections: number;
  readonly seconds: number;
  /** requests a second; as many as go through when absent */
  readonly rate?: number;
  /** path and body of each request */
  readonly next: () => { readonly path: string; readonly body?: string };
}

/**
 * Sends requests over open connections, each as soon as the one before it was answered.
 * @returns answers a second and their latencies in ms
 * @throws Error when an answer was not 2xx: what was refused is no throughput
 */
export async function load(options: Load) {
  const { url, method = 'POST', connections, seconds, rate, next } = options;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(rate === undefined ? {} : { overallRate: rate }),
    requests: [
      {
        method,
        headers: method === 'POST' ? { 'content-type': 'application/json' } : {},
        setupRequest: (request) => ({ ...request, ...next() }),
      },
    ],
  });
  const bad = result.non2xx + result.errors;
  if (bad > 0) {
    throw new Error(`${bad} of ${result.requests.total} requests to ${url} failed`);
  }
  const { p50, p99 } = result.latency;
  return { answered: result['2xx'], perSecond: result['2xx'] / result.duration, p50, p99 };
}
