import type { Mutant } from './mutant.ts';

const GUARD = 'scheduler_private.guard_event_updates';

const UNSAFE = "perform set_config('synchronous_commit', 'off', true);";

/** Claims, changes and states: what the functions and triggers of the database see to. */
export const ofDatabase: readonly Mutant[] = [
  {
    name: 'claim-without-row-lock',
    breaks: 'a claim takes rows that a change has locked, and does not lock them itself',
    sql: [
      {
        function: 'scheduler_private.claim',
        find: '    for no key update skip locked\n',
        replace: '',
      },
    ],
    exposedBy: [],
  },
  {
    name: 'open-batches-ignored',
    breaks: 'what a relay is publishing at the moment can still be changed and cancelled',
    sql: [
      {
        function: GUARD,
        find: 'o.id = any (b.event_ids) limit 1',
        replace: 'o.id = any (b.event_ids) where false limit 1',
      },
      { function: GUARD, find: 'where o.recurs limit 1', replace: 'where false limit 1' },
    ],
    exposedBy: [],
  },
  {
    name: 'final-not-guarded',
    breaks: 'a cancel of an event that is PUBLISHED or FAILED makes it CANCELED',
    sql: [
      {
        function: GUARD,
        find: "where o.status <> 'SCHEDULED' limit 1",
        replace: 'where false limit 1',
      },
      {
        function: GUARD,
        find: "if current_user = 'scheduler_engine' then",
        replace: 'if true then',
      },
      {
        function: 'scheduler.cancel_event',
        find: "set status = 'CANCELED' where e.id = v_id and e.status = 'SCHEDULED'",
        replace: "set status = 'CANCELED', published_at = null where e.id = v_id",
      },
    ],
    exposedBy: [],
  },
  {
    name: 'replace-forgets-content',
    breaks: 'a change moves the event and leaves payload and headers as they were',
    sql: [
      {
        function: 'scheduler_private.overwrite_event',
        find: 'set payload = p_event.payload, key = p_event.key, headers = p_event.headers',
        replace: 'set key = p_event.key',
      },
    ],
    exposedBy: [],
  },
  {
    name: 'newest-first',
    breaks: 'of what is due together the latest goes out first',
    sql: [
      {
        function: 'scheduler_private.claim',
        find: 'row_number() over (order by n.due_at, n.i, n.id)',
        replace: 'row_number() over (order by n.due_at desc, n.i, n.id)',
      },
    ],
    // What piles up meanwhile goes out in large batches.
    exposedBy: ['postgres-crash', 'coordinator-kill'],
  },
  {
    name: 'acknowledged-before-durable',
    breaks: 'calls are answered ok before what they did is on disk',
    sql: [
      {
        function: 'scheduler_private.require_role',
        find: '\nbegin\n',
        replace: `\nbegin\n  ${UNSAFE}\n`,
      },
      // What a relay commits would make durable what was committed before.
      {
        function: 'scheduler_private.lock_lane',
        find: '\nbegin\n',
        replace: `\nbegin\n  ${UNSAFE}\n`,
      },
    ],
    exposedBy: ['postgres-crash'],
  },
  {
    name: 'watermark-stays',
    breaks: 'a series whose rule is changed does not know what it has published, and begins anew',
    sql: [
      {
        function: 'scheduler_private.confirm',
        find: '(select o from unnest(s.pending) o where o.instant = sent.last)',
        replace: 's.watermark',
      },
    ],
    // It takes more changes of series than there are in a round without faults.
    exposedBy: ['kill'],
  },
  {
    name: 'exceptions-ignored',
    breaks:
      'an instance that was changed or cancelled goes out as an occurrence of its series, too',
    sql: [
      {
        function: 'scheduler_private.register_exceptions',
        find: 'where o.instant <> v_instant order by o.instant',
        replace: 'order by o.instant',
      },
    ],
    exposedBy: [],
  },
  {
    name: 'one-attempt-too-few',
    breaks: 'an event is FAILED at its second rejected attempt',
    sql: [
      {
        function: 'scheduler_private.reject',
        find: "status = case when e.retry >= 2 then 'FAILED'",
        replace: "status = case when e.retry >= 1 then 'FAILED'",
      },
      {
        function: 'scheduler_private.reject',
        find: 'due_at = case when e.retry < 2 then',
        replace: 'due_at = case when e.retry < 1 then',
      },
    ],
    exposedBy: [],
  },
];
