import { setTimeout as sleep } from 'node:timers/promises';
import type { Site } from '../site.ts';
import type { Details, Fault } from './fault.ts';

function killOf(role: string, who: (site: Site, details: Details) => Promise<number>): Fault {
  return {
    where: 'around',
    draw: (dice) => ({
      node: dice.between(1, 3),
      lane: dice.between(0, 3),
      partition: dice.between(0, 2),
      hold: dice.between(0, 2_000),
    }),
    inflict: async (site, details) => {
      const id = await who(site, details);
      const node = site.cluster.node(id);
      await node.kill();
      await sleep(Number(details.hold));
      await node.start();
      // Two at once would only stop everything: each is to be met by those that are left.
      await site.cluster.untilInSync();
      return `${role}: broker ${id} for ${details.hold} ms`;
    },
  };
}

/** kill -9 of a broker, whichever. */
export const broker = killOf('any', async (_, { node }) => Number(node));

/** kill -9 of the broker that coordinates a lane's transactions. */
export const coordinator = killOf('coordinator', ({ cluster, deployment }, { lane }) =>
  cluster.coordinatorOf(`${deployment}-lane-${lane}`),
);

/** kill -9 of the broker that leads a partition which is written to. */
export const leader = killOf('leader', ({ cluster, audience }, { partition }) =>
  cluster.leaderOf(audience.destinations.steady[0], Number(partition)),
);
