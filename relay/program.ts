import { setTimeout as sleep } from 'node:timers/promises';
import { loginUrl } from '../db/roles.ts';
import { createLog } from '../runtime/log.ts';
import { collectWhenIdle } from '../runtime/memory.ts';
import type { Settings } from '../settings/settings.ts';
import { serveHealth } from './health.ts';
import { createKafkaClient } from './kafka/client.ts';
import { isConfiguration } from './kafka/errors.ts';
import { kafkaSecurity } from './kafka/security.ts';
import { isMismatch, Relay, type RelayOptions } from './relay.ts';

/** ms: for what is in flight, then for closing connections that may be stuck; ten seconds in all */
const STOP_PATIENCE = 4_000;
const CLOSE_PATIENCE = 1_500;
const START_PAUSE = 1_000;

/**
 * Runs a relay until SIGINT or SIGTERM. Prints `ready {}` on stdout when it works; waits for a
 * database or Kafka that is away; ends the process when they belong to another deployment.
 * @param onStep tests stop or kill the process here
 */
export async function runRelay(settings: Settings, onStep?: RelayOptions['onStep']): Promise<void> {
  const log = createLog('relay', settings.logLevel);
  const { kafkaBrokers: brokers, deployment } = settings;
  const relayUrl = loginUrl(settings, 'scheduler_relay');
  if (!brokers || !relayUrl) {
    log.fatal('KAFKA_BROKERS and RELAY_DATABASE_URL (or DATABASE_URL) say where to work');
    process.exit(1);
  }
  const security = kafkaSecurity(settings.kafkaSecurity, log);
  const relay = new Relay({
    databaseUrl: relayUrl,
    kafka: createKafkaClient({ brokers, clientId: `${deployment}-relay`, ...security, log }),
    deployment,
    lease: settings.lease,
    poll: settings.poll,
    batchEvents: settings.batchEvents,
    createMissingTopics: settings.createMissingTopics,
    log,
    ...(onStep ? { onStep } : {}),
  });
  if (settings.relayHealthPort !== undefined) {
    await serveHealth(settings.relayHealthPort, () => relay.health());
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      log.info({ signal }, 'stopping');
      setTimeout(() => {
        log.warn('connections are stuck: ending without closing them');
        process.exit(0);
      }, STOP_PATIENCE + CLOSE_PATIENCE).unref();
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
      // Which it has said already.
      if (!isConfiguration(error)) log.warn({ err: error }, 'not started yet');
      await sleep(START_PAUSE);
    }
  }
  collectWhenIdle();
  process.stdout.write('ready {}\n');
}
