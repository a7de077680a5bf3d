import { envSchema } from 'env-schema';
import { type Static, Type } from 'typebox';

/** Every setting of the notifier, an environment variable each. */
const schema = Type.Object({
  KAFKA_BROKERS: Type.String({ description: 'Brokers, `host:port` separated by commas.' }),
  NOTIFICATION_TOPIC: Type.String({
    default: 'notification.notifications',
    description: 'What it consumes; its dead letters go to `<topic>.dead-letter`.',
  }),
  NOTIFIER_GROUP: Type.String({ default: 'notifier', description: 'Its consumer group.' }),
  NOTIFIER_SEEN_FILE: Type.String({
    default: 'notifier-seen.sqlite',
    description: 'SQLite file that remembers what was sent. One process per file.',
  }),
  NOTIFIER_TEMPLATES: Type.String({
    default: new URL('templates', import.meta.url).pathname,
    description: 'Folder with the templates.',
  }),
  SMTP_URL: Type.String({
    default: 'smtp://127.0.0.1:25',
    pattern: '^smtps?://',
    description: 'Mail server, `smtp://user:password@host:port`; `smtps` for TLS from the start.',
  }),
  MAIL_FROM: Type.String({
    default: 'notifier@localhost',
    description: 'Sender of the e-mails; its domain also ends their Message-ID.',
  }),
});

export type NotifierSettings = Static<typeof schema>;

/**
 * Reads the settings from the environment; an empty variable counts as absent.
 * @throws Error that names the variable and what would be right
 */
export function loadNotifierSettings(env: NodeJS.ProcessEnv): NotifierSettings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  return envSchema<NotifierSettings>({ schema, data: given, env: false });
}
