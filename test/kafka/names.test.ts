import { expect, test } from 'vitest';
import {
  BATCH_PARTITION,
  laneName,
  ledgerTopic,
  TOKEN_PARTITION,
} from '../../relay/kafka/names.ts';

// What is written here is stored on clusters and granted in ACLs: a change of it is a migration.
test('the names on the Kafka cluster are those that ACLs and ledgers were made for', () => {
  expect(laneName('shop', 12)).toBe('shop-lane-12');
  expect(ledgerTopic('shop')).toBe('shop-lane-ledger');
  expect([BATCH_PARTITION, TOKEN_PARTITION]).toEqual([0, 1]);
});

test('one prefix grants the lanes and the ledger of a deployment', () => {
  expect([laneName('shop', 0), ledgerTopic('shop')].every((n) => n.startsWith('shop-lane-'))).toBe(
    true,
  );
});
