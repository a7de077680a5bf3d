import { once } from 'node:events';
import { createServer } from 'node:http';

/** How a relay does, as probes see it. */
export interface RelayHealth {
  /** whether it takes part: it has started, and renewed its leases the last time that it tried */
  readonly isReady: boolean;
  /** how many lanes it works on */
  readonly lanes: number;
  /** what Kafka refuses it until a person mends it */
  readonly trouble: string | null;
}

/**
 * Answers the probes of an orchestrator on all addresses: `/health/live` always, `/health/ready` by
 * 200 or 503. A trouble with Kafka does not make it unready: a restart would mend nothing.
 * @param port 0 for a free one
 * @returns the port
 */
export async function serveHealth(port: number, health: () => RelayHealth): Promise<number> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const { isReady, lanes, trouble } = health();
    const answer =
      path === '/health/live'
        ? { code: 200, body: { status: 'live' } }
        : path === '/health/ready'
          ? {
              code: isReady ? 200 : 503,
              body: { status: isReady ? 'ready' : 'not ready', lanes, trouble },
            }
          : { code: 404, body: { status: 'not found' } };
    response.writeHead(answer.code, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  server.listen(port);
  await once(server, 'listening');
  // It is no reason to go on living.
  server.unref();
  return (server.address() as { port: number }).port;
}
