import { createHmac } from 'node:crypto';
import pg from 'pg';

export type LoginRole = 'scheduler_api' | 'scheduler_relay';

/**
 * The DSN of the same database for one of our login roles. Its password is derived from the DBA's,
 * so that every process that knows `DATABASE_URL` finds the same one and nothing need be stored.
 * @param databaseUrl DSN of the DBA
 * @param role login role that connects
 */
export function roleUrl(databaseUrl: string, role: LoginRole): string {
  const url = new URL(databaseUrl);
  const password = rolePassword(url, role);
  url.username = role;
  url.password = password ?? '';
  return url.toString();
}

interface DatabaseUrls {
  readonly databaseUrl: string | undefined;
  readonly apiDatabaseUrl: string | undefined;
  readonly relayDatabaseUrl: string | undefined;
}

/** The DSN of a login role as the settings have it, or as it follows from the DBA's; undefined: neither is set. */
export function loginUrl(settings: DatabaseUrls, role: LoginRole): string | undefined {
  const { databaseUrl, apiDatabaseUrl, relayDatabaseUrl } = settings;
  const given = role === 'scheduler_api' ? apiDatabaseUrl : relayDatabaseUrl;
  return given ?? (databaseUrl && roleUrl(databaseUrl, role));
}

/** DSNs that the login roles use, where they are not those that `roleUrl` derives. */
export type LoginUrls = { readonly [Role in LoginRole]?: string | undefined };

/**
 * Gives the login roles the passwords of their DSNs, where they do not have them yet. A DSN without a
 * password (trust, peer, certificates) leaves them without one.
 * @param client connection of the DBA
 */
export async function setRolePasswords(
  client: pg.Client,
  databaseUrl: string,
  loginUrls: LoginUrls = {},
): Promise<void> {
  for (const role of ['scheduler_api', 'scheduler_relay'] as const) {
    const url = loginUrls[role] ?? roleUrl(databaseUrl, role);
    const password = decodeURIComponent(new URL(url).password);
    if (password !== '' && !(await canLogIn(url))) {
      const literal = client.escapeLiteral(password);
      await client.query(`alter role ${client.escapeIdentifier(role)} password ${literal}`);
    }
  }
}

const INVALID_AUTHORIZATION = ['28000', '28P01'];

async function canLogIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && INVALID_AUTHORIZATION.includes(error.code ?? '')) {
      return false;
    }
    throw error;
  }
}

function rolePassword(url: URL, role: LoginRole): string | undefined {
  const key = decodeURIComponent(url.password);
  return key === '' ? undefined : createHmac('sha256', key).update(role).digest('base64url');
}
