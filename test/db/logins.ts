import { randomUUID } from 'node:crypto';
import { connect, type Session } from './session.ts';

export interface Login {
  readonly name: string;
  readonly identity: string;
  readonly session: Session;
}

/**
 * Login roles of a test: roles belong to the whole cluster, so each has a name of its own and is
 * dropped at the end.
 */
export class Logins {
  readonly #dba: Session;
  readonly #url: string;
  readonly #made: Login[] = [];

  /** @param url DSN of the DBA */
  constructor(dba: Session, url: string) {
    this.#dba = dba;
    this.#url = url;
  }

  /** A login role in one of ours, or in none, with a connection of its own. */
  async make(
    role?: 'scheduler_producer' | 'scheduler_operator' | 'scheduler_reader',
  ): Promise<Login> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    const password = randomUUID();
    const membership = role === undefined ? '' : `in role ${role}`;
    await this.#dba.rows(`create role ${name} login password '${password}' ${membership}`);
    const url = new URL(this.#url);
    url.username = name;
    url.password = password;
    const login = { name, identity: `sql:${name}`, session: await connect(url.toString()) };
    this.#made.push(login);
    return login;
  }

  async drop(): Promise<void> {
    for (const { name, session } of this.#made) {
      await session.client.end();
      await this.#dba.rows(`drop role ${name}`);
    }
  }
}
