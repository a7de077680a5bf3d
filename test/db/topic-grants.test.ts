import { describe, expect } from 'vitest';
import { creation, newEvent, replacement, type Session, schedule, test } from './session.ts';

const to = (topic: string) => newEvent({ destination_topic: topic });
const refused = { sqlstate: 'SC022', code: 'topic_not_granted', field: 'destinationTopic' };

const grant = (db: Session, topic: string, prefix = false, identity = 'alice') =>
  db.rows('select scheduler.grant_topic($1, $2, $3)', [identity, topic, prefix]);

const asAlice = <T>(db: Session, work: () => Promise<T>) => db.actingAs('alice', 'producer', work);

describe('a creation', () => {
  test.for([
    ['a literal grants its topic', 'orders', false, 'orders', true],
    ['a literal grants no longer name', 'orders', false, 'orders.new', false],
    ['a literal grants no shorter name', 'orders', false, 'order', false],
    ['a literal minds the case', 'orders', false, 'Orders', false],
    ['a prefix grants what begins so', 'orders.', true, 'orders.new', true],
    ['a prefix grants itself', 'orders.', true, 'orders.', true],
    ['a prefix grants nothing else', 'orders.', true, 'orders-new', false],
    ['a prefix is no pattern', 'a_', true, 'axb', false],
    ['a prefix is no pattern', 'a.', true, 'axb', false],
    ['the empty prefix grants everything', '', true, 'anything', true],
  ] as const)('%s: %s, %s, to %s', async ([, topic, prefix, destination, granted], { db }) => {
    await grant(db, topic, prefix);
    await asAlice(db, async () => {
      if (granted) await schedule(db, to(destination));
      else expect(await db.refusal(...creation(to(destination)))).toMatchObject(refused);
    });
  });

  test('without any grant is refused, an operator like everyone', async ({ db }) => {
    for (const role of ['producer', 'operator']) {
      await db.actingAs('alice', role, async () => {
        expect(await db.refusal(...creation(to('orders')))).toMatchObject(refused);
      });
    }
  });

  test("under another's grant is refused", async ({ db }) => {
    await grant(db, 'orders', false, 'bob');
    await asAlice(db, async () => {
      expect(await db.refusal(...creation(to('orders')))).toMatchObject(refused);
    });
  });

  test('after the grant was revoked is refused', async ({ db }) => {
    await grant(db, 'orders');
    await grant(db, 'orders', true);
    const revoke = 'select scheduler.revoke_topic($1, $2, $3)';
    await db.rows(revoke, ['alice', 'orders', true]);
    await asAlice(db, () => schedule(db, to('orders')));
    await db.rows(revoke, ['alice', 'orders', false]);
    await asAlice(db, async () => {
      expect(await db.refusal(...creation(to('orders')))).toMatchObject(refused);
    });
  });

  test('of the login that installed and of local is granted everything', async ({ db }) => {
    await schedule(db, to('anything'));
    await db.actingAs('local', 'producer', () => schedule(db, to('anything')));
    const grants = await db.rows(
      'select identity, topic, prefix from scheduler.topic_grants order by identity',
    );
    expect(grants).toEqual(
      ['local', await db.value('select scheduler.identity()')].map((identity) => ({
        identity,
        topic: '',
        prefix: true,
      })),
    );
  });
});

describe('a replacement', () => {
  test('moves an event to topics of its owner only', async ({ db }) => {
    await grant(db, 'orders', true);
    await asAlice(db, async () => {
      const { id } = await schedule(db, to('orders'));
      await db.row(...replacement(id, { destination_topic: 'orders.new' }));
      expect(await db.refusal(...replacement(id, { destination_topic: 'bills' }))).toMatchObject(
        refused,
      );
    });
  });

  test("by an operator is judged by the owner's grants", async ({ db }) => {
    await grant(db, 'orders');
    const { id } = await asAlice(db, () => schedule(db, to('orders')));
    await db.actingAs('local', 'operator', async () => {
      await schedule(db, to('bills'));
      expect(await db.refusal(...replacement(id, { destination_topic: 'bills' }))).toMatchObject(
        refused,
      );
      await db.row(...replacement(id, { destination_topic: 'orders', key: 'new' }));
    });
    await grant(db, 'bills');
    await db.actingAs('local', 'operator', () =>
      db.row(...replacement(id, { destination_topic: 'bills' })),
    );
  });
});

test('a DBA moves an event by plain SQL to topics of its owner only', async ({ db }) => {
  await grant(db, 'orders');
  const { id } = await asAlice(db, () => schedule(db, to('orders')));
  const move = `update scheduler_private.events set destination_topic = 'bills' where id = $1`;
  expect(await db.refusal(move, [id])).toMatchObject(refused);
});

test('what was scheduled under a revoked grant can still be cancelled', async ({ db }) => {
  await grant(db, 'orders');
  const { id } = await asAlice(db, () => schedule(db, to('orders')));
  await db.rows(`select scheduler.revoke_topic('alice', 'orders')`);
  const cancel = 'select status from scheduler.cancel_event($1)';
  expect(await asAlice(db, () => db.value(cancel, [id]))).toBe('CANCELED');
});

describe('granting', () => {
  test.for(['producer', 'reader'])('is not for a %s', async (role, { db }) => {
    await db.actingAs('alice', role, async () => {
      for (const verb of ['grant', 'revoke']) {
        const sql = `select scheduler.${verb}_topic('alice', '', true)`;
        expect((await db.refusal(sql)).code).toBe('forbidden');
      }
    });
  });

  test('twice is no error; it says who granted', async ({ db }) => {
    await db.actingAs('issuer:boss', 'operator', async () => {
      await grant(db, 'orders');
      await grant(db, 'orders');
    });
    await grant(db, 'orders');
    const grants = `select granted_by from scheduler.topic_grants where identity = 'alice'`;
    expect(await db.rows(grants)).toEqual([{ granted_by: 'issuer:boss' }]);
  });

  test('one sees the grants of oneself, an operator those of all', async ({ db }) => {
    await grant(db, 'orders');
    await grant(db, 'bills', false, 'bob');
    const seen =
      'select identity from scheduler.topic_grants where identity in ($1, $2) order by identity';
    const both = ['alice', 'bob'];
    expect(await asAlice(db, () => db.rows(seen, both))).toEqual([{ identity: 'alice' }]);
    expect(await db.actingAs('x', 'operator', () => db.rows(seen, both))).toHaveLength(2);
  });

  test.for([
    ['', 'orders', false, 'topic_grants_identity_is_given'],
    ['alice', '', false, 'topic_grants_literal_is_given'],
  ] as const)('to "%s" of "%s" is refused', async ([identity, topic, prefix, code], { db }) => {
    const sql = 'select scheduler.grant_topic($1, $2, $3)';
    expect((await db.refusal(sql, [identity, topic, prefix])).code).toBe(code);
  });
});
