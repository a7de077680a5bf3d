import { resolveAsOperator } from '../operator.ts';
import { deleteLedgers } from '../services/admin.ts';
import type { Fault } from './fault.ts';

const LANES = [0, 1, 2, 3];

/**
 * The ledgers of all lanes are deleted while nobody works, so that each lane stands still; then
 * an operator does what docs/guarantees.md says.
 */
export const ledger: Fault = {
  where: 'around',
  draw: () => ({}),
  inflict: async (site) => {
    const { relays, cluster, deployment } = site;
    await relays.whileDown(() => deleteLedgers(cluster.brokers, deployment, LANES));
    return resolveAsOperator(site);
  },
};
