/** How a service came to be: named by the environment, in Docker, or a process of this machine. */
type How = 'given' | 'docker' | 'native';

/** `fast` is an orderly stop; `immediate` a crash: Postgres's immediate shutdown, kill -9 of Kafka. */
export type StopMode = 'fast' | 'immediate';

/** One service that we started, found running, or were given. */
export interface Service {
  readonly how: How;
  /**
   * Stops it.
   * @param mode default `fast`
   * @param limitMs milliseconds for an orderly stop, after which it is a crash; default 30,000
   * @throws Error for a given one
   */
  stop(mode?: StopMode, limitMs?: number): Promise<void>;
  /**
   * Starts it again, on the same port and data.
   * @throws Error for a given one
   */
  start(): Promise<void>;
  /**
   * Ends our use of it: nothing for a given one; otherwise a fast stop, and a test's container goes
   * with its data.
   * @param limitMs milliseconds for an orderly stop; default 30,000
   */
  dispose(limitMs?: number): Promise<void>;
}

export interface PostgresService extends Service {
  /** DSN of a DBA (superuser where it is ours) to the database `scheduler` */
  readonly url: string;
}

export interface KafkaService extends Service {
  /** `host:port` each */
  readonly brokers: string[];
}

export interface ServiceOptions {
  /** private folder of this instance: data, logs, ports, password; kept between runs */
  dataDir: string;
  /** with Docker: `start` uses compose and keeps its data, `test` uses testcontainers */
  purpose: 'start' | 'test';
  /** given by the environment, if any */
  databaseUrl?: string | undefined;
  kafkaBrokers?: string[] | undefined;
  /** which way; default `auto`: Docker if an engine answers, else native */
  services?: 'auto' | 'native' | 'docker' | undefined;
  /** gets one line of progress */
  say: (line: string) => void;
  /** aborted: give up, and leave nothing running that was started for this */
  signal?: AbortSignal | undefined;
  /** database that holds pg_cron's tables (`cron.database_name`); default `scheduler` */
  cronDatabase?: string | undefined;
}

/** Default time for an orderly stop, milliseconds. */
export const STOP_LIMIT_MS = 30_000;
