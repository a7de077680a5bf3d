import type { Client } from 'pg';

/**
 * Fills `timezones` with the names that both Postgres and this Node know: UTC and Area/Location.
 * Names are only added: a name that an older process does not know stays valid for those that do.
 */
export async function storeTimezones(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select name from pg_timezone_names
     where name = 'UTC' or name ~ '^[A-Z]' and name like '%/%'`,
  );
  const known = rows.map((row) => row.name).filter(isKnownToNode);
  await client.query(
    `insert into scheduler_private.timezones (name)
     select name from unnest($1::text[]) as known (name)
     where name not in (select name from scheduler_private.timezones)
     on conflict do nothing`,
    [known],
  );
}

function isKnownToNode(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) {
      return false;
    }
    throw error;
  }
}
