import { openPlainPublisher } from './kafka/at-least-once.ts';
import { openPublisher } from './kafka/exactly-once.ts';
import type { LanePublisher } from './kafka/publisher.ts';
import { type Batch, type LaneContext, quarantine } from './lane-context.ts';
import type { DeliveryMode, LaneState } from './lane-database.ts';
import { LaneQuarantinedError } from './lane-errors.ts';
import { rejectFrom } from './rejection.ts';

/** A lane that is ready for its next batch. */
export interface Recovered {
  readonly publisher: LanePublisher;
  readonly mode: DeliveryMode;
  /** id that the ledger in Kafka shows; null where none is kept */
  readonly ledgerEntry: string | null;
  /** what is left of a rejected batch, under its new id: to be published next */
  readonly narrowed: Batch | null;
}

/**
 * Steps 2 to 4 of the lane protocol: checks the fence, fences former producers, reads the ledger
 * behind a barrier and resolves the open batch by it: all on one connection to Postgres, on which the
 * lane then goes on, for what the ledger was compared with is what that connection shows.
 * @param rejected batch that the broker refused just now: if it proves to be absent, step 7 follows
 * @throws FenceLostError, LaneLostError, LaneQuarantinedError, KafkaError, errors of Postgres
 */
export async function recover(context: LaneContext, rejected: Batch | null): Promise<Recovered> {
  await context.database.connect();
  const before = await context.database.read();
  refuseQuarantined(context, before);
  const usesLedger =
    before.deliveryMode === 'exactly_once' || before.openBatch?.mode === 'exactly_once';
  return usesLedger
    ? recoverByLedger(context, rejected)
    : recoverWithoutLedger(context, before, rejected);
}

async function recoverByLedger(context: LaneContext, rejected: Batch | null): Promise<Recovered> {
  const { publisher, ledger } = await openPublisher(context.publishing, {
    lane: context.lane,
    stillOwner: async () => {
      await context.database.read();
      return true;
    },
    signal: context.aborted,
  });
  try {
    // Read now, with a fence check: never from the answer to acquire, never from memory.
    const state = await context.database.read();
    refuseQuarantined(context, state);
    const entry = await seedLedger(context, state, publisher, ledger);
    const narrowed = await resolve(context, state, entry, rejected);
    if (state.deliveryMode === 'exactly_once') {
      const { lastConfirmed } = await context.database.read();
      return {
        publisher,
        mode: 'exactly_once',
        ledgerEntry: lastConfirmed,
        narrowed,
      };
    }
  } catch (error) {
    await publisher.close();
    throw error;
  }
  // The mode was changed: what was open is resolved, from here on it goes without a ledger.
  await publisher.close();
  return recoverWithoutLedger(context, await context.database.read(), null);
}

async function recoverWithoutLedger(
  context: LaneContext,
  state: LaneState,
  rejected: Batch | null,
): Promise<Recovered> {
  const publisher = await openPlainPublisher(context.publishing);
  try {
    const narrowed = state.openBatch ? await endAbsent(context, state.openBatch, rejected) : null;
    // From here on nobody refreshes the ledger, and it expires.
    if (state.ledger === 'seeded') await context.database.setLedger('reseed');
    return {
      publisher,
      mode: 'at_least_once',
      ledgerEntry: null,
      narrowed,
    };
  } catch (error) {
    await publisher.close();
    throw error;
  }
}

/** Writes the first ledger entry at install, or the new one that an operator's decision needs. */
async function seedLedger(
  context: LaneContext,
  state: LaneState,
  publisher: LanePublisher,
  ledger: string | null,
): Promise<string | null> {
  if (state.ledger === 'seeded') {
    return ledger;
  }
  if (state.ledger === 'unseeded' && ledger !== null && ledger !== state.lastConfirmed) {
    await quarantine(
      context,
      'another database has used this deployment name on this Kafka cluster',
    );
  }
  if (ledger !== state.lastConfirmed) {
    await publisher.seed(state.lastConfirmed);
  }
  await context.database.setLedger('seeded');
  return state.lastConfirmed;
}

async function resolve(
  context: LaneContext,
  state: LaneState,
  entry: string | null,
  rejected: Batch | null,
): Promise<Batch | null> {
  const { openBatch, lastConfirmed } = state;
  if (openBatch && entry === openBatch.id) {
    await context.database.confirm(openBatch.id);
    context.log.info({ batch: openBatch.id }, 'the ledger has the open batch: confirmed');
    return null;
  }
  if (entry !== lastConfirmed) {
    // Also without an open batch: a ledger that is ahead means that the database went back in time.
    await quarantine(
      context,
      entry === null
        ? 'the ledger is gone'
        : `the ledger shows batch ${entry}, this database knows ${lastConfirmed}`,
    );
  }
  return openBatch ? endAbsent(context, openBatch, rejected) : null;
}

/** The open batch is provably absent: its culprits are rejected, or it is narrowed, or discarded. */
async function endAbsent(
  context: LaneContext,
  open: NonNullable<LaneState['openBatch']>,
  rejected: Batch | null,
): Promise<Batch | null> {
  const { database, log } = context;
  if (rejected?.id !== open.id || rejected.refusal === null) {
    await database.discard(open.id);
    log.info({ batch: open.id }, 'the open batch was not published: discarded');
    return null;
  }
  const { events, refusal } = rejected;
  const culprits = events.length === 1 ? events.map(({ id }) => id) : refusal.culprits;
  if (culprits.length > 0) {
    const { code, message } = refusal;
    const attempts = culprits.map((id) => ({ id, code, message }));
    return rejectFrom(context, rejected, attempts, 'attempt rejected by the broker');
  }
  const keep = Math.ceil(events.length / 2);
  const id = await database.narrow(open.id, keep);
  return id === null ? null : { id, events: events.slice(0, keep), refusal: null };
}

function refuseQuarantined(context: LaneContext, state: LaneState): void {
  if (state.quarantineReason !== null) {
    throw new LaneQuarantinedError(context.lane, state.quarantineReason);
  }
}
