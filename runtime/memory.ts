import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const PERIOD = 15_000;

/**
 * Gives memory back while little happens: what building the GraphQL schema, or a burst of requests or
 * batches, left behind. V8 by itself collects only when it allocates, so that an idle process keeps it for
 * ever (measured for the API: 161 MB after the start instead of 121, 173 MB after a burst instead of 128).
 */
export function collectWhenIdle(): void {
  const collect = exposeCollector();
  let floor = 0;
  let cpu = process.cpuUsage();
  const lookAfter = () => {
    const { user, system } = process.cpuUsage(cpu);
    const isIdle = (user + system) / 1000 < PERIOD * 0.02;
    if (isIdle && process.memoryUsage.rss() > floor * 1.1) {
      collect();
      floor = process.memoryUsage.rss();
    }
    cpu = process.cpuUsage();
  };
  collect();
  floor = process.memoryUsage.rss();
  setInterval(lookAfter, PERIOD).unref();
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') {
    throw new Error('this Node has no gc()');
  }
  return () => {
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  };
}
