import { runAs, type Statement } from '../database.ts';
import type { InstanceId } from '../events/event-id.ts';
import type { EventRow } from '../events/event-row.ts';
import { columns, eventInput, input, request, seriesColumns } from '../events/statements.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from './context.ts';
import { findInstance, type Instance } from './find-instance.ts';

/** How often a change is tried on a series whose rule changes meanwhile. */
const MOST_ATTEMPTS = 5;

/**
 * Replaces an instance by an exception, or an exception as a whole.
 * @param status that it should have; absent: `SCHEDULED`
 * @param values the event, in the order of `input`
 * @throws ProblemError 404, 409 or what is wrong with the event
 */
export function replaceInstance(
  context: SeriesContext,
  caller: Caller,
  id: InstanceId,
  status: string | null | undefined,
  values: readonly unknown[],
): Promise<EventRow> {
  return onPresentState(context, caller, id, async (instance) => {
    refuseIfFinal(context, instance);
    return change(context, caller, instance, replaceStatement, [status, ...values]);
  });
}

/** Cancels an instance. One that is canceled already is answered as it is. */
export function cancelInstance(
  context: SeriesContext,
  caller: Caller,
  id: InstanceId,
): Promise<EventRow> {
  return onPresentState(context, caller, id, async (instance) => {
    if (!instance.isException && instance.event.status === 'CANCELED') {
      return instance.event;
    }
    refuseIfFinal(context, instance);
    return change(context, caller, instance, cancelStatement, []);
  });
}

/** Of exceptions SQL itself knows. */
function refuseIfFinal({ errors }: SeriesContext, { event, isException }: Instance): void {
  if (!isException && event.status !== 'SCHEDULED') {
    throw errors.refusal('final', { field: 'status', detail: event.status });
  }
}

async function onPresentState(
  context: SeriesContext,
  caller: Caller,
  id: InstanceId,
  change: (instance: Instance) => Promise<EventRow>,
): Promise<EventRow> {
  // SQL says so, too, but not of what is answered without it.
  if (caller.role === 'reader') {
    throw context.errors.refusal('forbidden', { detail: 'Readers change nothing.' });
  }
  for (let attempt = 1; ; attempt++) {
    const instance = await findInstance(context, caller, id);
    try {
      return await change(instance);
    } catch (error) {
      const { code } = context.errors.translate(error).problem;
      if (code !== 'series_changed' || attempt === MOST_ATTEMPTS) {
        throw error;
      }
    }
  }
}

async function change(
  { pool, errors }: SeriesContext,
  caller: Caller,
  { event, original, revision, presentRevision }: Instance,
  statement: Statement,
  values: readonly unknown[],
): Promise<EventRow> {
  const { instant, wall, secondPass } = original;
  const [row] = await runAs<EventRow>(pool, caller, statement, [
    ...[event.id, instant, wall, secondPass, revision, presentRevision],
    ...values,
  ]);
  if (!row) {
    throw errors.refusal('not_found', { field: 'id', detail: event.id });
  }
  return { ...row, occurrence: event.occurrence };
}

const instance = `
  $3::text as instance_id, row(to_timestamp($4::float8), to_timestamp($5::float8) at time zone 'UTC',
    $6::boolean, $7::integer)::scheduler_private.occurrence as occurrence, $8::integer as present_revision`;

/** From $9 on the status that it should have, and the event. */
const replaceStatement: Statement = {
  name: 'replace_instance',
  text: `${request(`${instance}, $9::text as status, ${input(10)}`)}
    select ${columns(seriesColumns)}
    from request r cross join lateral scheduler_private.replace_instance(
      r.instance_id, ${eventInput}, r.status, r.occurrence, r.present_revision) e`,
};

const cancelStatement: Statement = {
  name: 'cancel_instance',
  text: `${request(instance)}
    select ${columns(seriesColumns)}
    from request r cross join lateral scheduler_private.cancel_instance(
      r.instance_id, r.occurrence, r.present_revision) e`,
};
