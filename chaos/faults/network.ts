import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../dice.ts';
import type { Direction, TcpProxy } from '../services/proxy.ts';
import type { Site } from '../site.ts';
import type { Details, Fault } from './fault.ts';

/**
 * Between whom: a relay and Postgres, the API and Postgres, clients and one broker, or all brokers.
 */
const PLACES = [
  'relays-postgres',
  'api-postgres',
  'kafka-1',
  'kafka-2',
  'kafka-3',
  'kafka',
] as const;
const DIRECTIONS: readonly [Direction, ...Direction[]] = ['to-server', 'to-client'];

function draw(dice: Dice, longest: number) {
  return {
    place: dice.pick(PLACES),
    direction: dice.pick(DIRECTIONS),
    hold: dice.between(100, longest),
  };
}

function network(longest: number, disturb: (proxy: TcpProxy, details: Details) => void): Fault {
  return {
    where: 'around',
    draw: (dice) => ({ ...draw(dice, longest), delay: dice.between(20, 400) }),
    inflict: async (site, details) => {
      const proxies = at(site, String(details.place));
      for (const proxy of proxies) disturb(proxy, details);
      await sleep(Number(details.hold));
      for (const proxy of proxies) proxy.heal();
      return `${details.place} ${details.direction} for ${details.hold} ms`;
    },
  };
}

function at({ proxies }: Site, place: string): TcpProxy[] {
  return [...proxies].filter(([name]) => name.startsWith(place)).map(([, proxy]) => proxy);
}

/** Connections break, and no others come about. */
export const cut = network(2_000, (proxy) => proxy.cut());

/** Everything comes later. */
export const delay = network(3_000, (proxy, { direction, delay }) =>
  proxy.delay(direction as Direction, Number(delay)),
);

/** Requests get lost; or they arrive, and their answers get lost. */
export const swallow = network(3_000, (proxy, { direction }) =>
  proxy.swallow(direction as Direction),
);
