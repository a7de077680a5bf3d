import pino from 'pino';
import { createMailer } from './mailer.ts';
import { Kafka, logLevel } from './mended-kafkajs.ts';
import { notify } from './notifier.ts';
import { Seen } from './seen.ts';
import { loadNotifierSettings } from './settings.ts';
import { loadTemplates } from './templates.ts';

const log = pino({ base: { program: 'notifier' } }, pino.destination(2));
const settings = loadNotifierSettings(process.env);
const topic = settings.NOTIFICATION_TOPIC;
const deadLetters = `${topic}.dead-letter`;
const render = loadTemplates(settings.NOTIFIER_TEMPLATES);
const seen = new Seen(settings.NOTIFIER_SEEN_FILE);
const mailer = createMailer(settings);
const stopping = new AbortController();

const kafka = new Kafka({
  brokers: settings.KAFKA_BROKERS.split(','),
  clientId: 'notifier',
  logLevel: logLevel.WARN,
  logCreator:
    () =>
    ({ namespace, log: { message, stack: _, ...fields } }) =>
      log.warn({ ...fields, part: namespace }, message),
  // Whatever happens to the broker, it comes back: nothing but a signal ends us.
  retry: { retries: Number.MAX_SAFE_INTEGER, maxRetryTime: 5_000 },
});
const producer = kafka.producer({ allowAutoTopicCreation: false });
const consumer = kafka.consumer({
  groupId: settings.NOTIFIER_GROUP,
  // Exactly once is promised to consumers that read what is committed.
  readUncommitted: false,
  allowAutoTopicCreation: false,
  retry: { restartOnFailure: async () => true },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    log.info({ signal }, 'stopping');
    stopping.abort();
    await consumer.disconnect();
    await producer.disconnect();
    mailer.close();
    seen.close();
    process.exit(0);
  });
}

await createMissingTopics([topic, deadLetters]);
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommitInterval: 1_000,
  eachMessage: async (incoming) => {
    await notify(incoming, {
      ...{ seen, mailer, render, log, stopping: stopping.signal },
      bury: async (message) => {
        await producer.send({ topic: deadLetters, messages: [message] });
      },
    });
  },
});
process.stdout.write('ready {}\n');

/** Where topics are made by others (Strimzi, Terraform), nothing is missing and nothing is made. */
async function createMissingTopics(topics: string[]): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const there = await admin.listTopics();
  const missing = topics.filter((name) => !there.includes(name));
  if (missing.length > 0) {
    await admin.createTopics({ topics: missing.map((name) => ({ topic: name })) });
  }
  await admin.disconnect();
}
