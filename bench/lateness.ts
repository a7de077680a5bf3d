import { collect } from './collect.ts';
import type { Site } from './site.ts';

/** Seconds before the first instant: relay and consumer are ready by then. */
const LEAD = 8;
const FAR = 10 * 365 * 86_400;

/** Events at a steady rate, each at an instant of its own: how late a consumer has them. */
export async function lateness(site: Site): Promise<Record<string, number>> {
  const { options, say } = site;
  if (options.waiting > 0) {
    say(`${options.waiting} events that wait`);
    await site.schedule(options.waiting, FAR, 1);
  }
  const uncounted = options.rate * options['warm-up'];
  const count = uncounted + options.rate * options.seconds;
  await site.start('relay');
  await site.schedule(count, LEAD, 1 / options.rate);
  say(`${count} events at ${options.rate} a second`);
  const arrivals = await collect(site, count);
  return {
    ...quantiles(arrivals.slice(uncounted).map((arrival) => arrival.lateness)),
    events: arrivals.length,
    distinct: new Set(arrivals.map((arrival) => arrival.id)).size,
  };
}

/** @param latenesses ms */
export function quantiles(latenesses: readonly number[]): Record<string, number> {
  const sorted = latenesses.toSorted((a, b) => a - b);
  const quantile = (q: number) =>
    Math.round((sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN) * 10) / 10;
  return {
    'p50 ms': quantile(0.5),
    'p90 ms': quantile(0.9),
    'p99 ms': quantile(0.99),
    'max ms': quantile(1),
    'min ms': quantile(0),
  };
}
