import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
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
  /** path and body of each request */
  readonly next: () => { readonly path: string; readonly body?: string };
}

/**
 * Sends requests over open connections, each as soon as the one before it was answered.
 * @returns answers a second and their latencies in ms
 * @throws Error when an answer was not 2xx: what was refused is no throughput
 */
export async function load(options: Load) {
  const { url, method = 'POST', connections, seconds, next } = options;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
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

export interface SteadyLoad extends Omit<Load, 'method'> {
  /** requests a second */
  readonly rate: number;
  readonly next: () => { readonly path: string; readonly body: string };
}

/**
 * Sends POST requests one after the other at a steady rate, whether or not those before were answered, over
 * so many connections at most. (autocannon sends a second's requests in one go, as fast as it can.)
 * @returns how many were answered
 * @throws Error when an answer was not 2xx
 */
export async function steadily(options: SteadyLoad): Promise<number> {
  const { url, connections, seconds, rate, next } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const begun = performance.now();
  const answers: Promise<number | Error>[] = [];
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - begun) / 1_000) {
    while (answers.length < elapsed * rate) answers.push(post(agent, url, next()));
    await sleep(1);
  }
  const outcomes = await Promise.all(answers);
  agent.destroy();
  const bad = outcomes.filter((outcome) => typeof outcome !== 'number' || outcome >= 300);
  if (bad.length > 0) {
    throw new Error(`${bad.length} of ${outcomes.length} requests to ${url} failed: ${bad[0]}`);
  }
  return outcomes.length;
}

/** @returns the status of the answer, or why there is none */
function post(
  agent: Agent,
  url: string,
  { path, body }: { readonly path: string; readonly body: string },
): Promise<number | Error> {
  return new Promise((resolve) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    request(`${url}${path}`, { method: 'POST', agent, headers }, (answer) => {
      answer
        .on('error', resolve)
        .on('end', () => resolve(answer.statusCode ?? 0))
        .resume();
    })
      .on('error', resolve)
      .end(body);
  });
}
