import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { roleUrl } from '../db/roles.ts';
import { loadSettings } from '../settings/settings.ts';
import { createKafkaClient } from './kafka/client.ts';
import { kafkaSecurity } from './kafka/security.ts';
import { isMismatch, Relay } from './relay.ts';

/** ms: the rest of ten seconds is for closing connections */
const STOP_PATIENCE = 7_000;
const START_PAUSE = 1_000;

const settings = loadSettings();
const log = pino({ level: settings.logLevel, base: { program: 'relay' } }, pino.destination(2));

if (!settings.kafkaBrokers || !(settings.relayDatabaseUrl ?? settings.databaseUrl)) {
  log.fatal('KAFKA_BROKERS and RELAY_DATABASE_URL (or DATABASE_URL) say where to work');
  process.exit(1);
}

const relay = new Relay({
  databaseUrl:
    settings.relayDatabaseUrl ?? roleUrl(settings.databaseUrl as string, 'scheduler_relay'),
  kafka: createKafkaClient({
    brokers: settings.kafkaBrokers,
    clientId: `${settings.deployment}-relay`,
    ...(await kafkaSecurity(settings.kafkaSecurity)),
    log,
  }),
  deployment: settings.deployment,
  lease: settings.lease,
  poll: settings.poll,
  batchEvents: settings.batchEvents,
  createMissingTopics: settings.createMissingTopics,
  log,
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    log.info({ signal }, 'stopping');
    await relay.stop(STOP_PATIENCE);
    process.exit(0);
  });
}

for (;;) {
  try {
    await relay.start();
    break;
  } catch (error) {
    if (isMismatch(error)) {
      log.fatal({ detail: error.detail, hint: error.hint }, error.message);
      process.exit(1);
    }
    log.warn({ err: error }, 'not started yet');
    await sleep(START_PAUSE);
  }
}
process.stdout.write('ready {}\n');
