import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type MailSink, recipientOf, startMailSink } from '../../examples/mail-sink/mail-sink.ts';
import { freePort } from '../../local/ports.ts';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { producing, readTopics } from '../harness/kafka.ts';
import { expectPublishedOnce, type Stage, setStage } from '../harness/stage.ts';

let stage: Stage;
let topic: string;
let sink: MailSink;
let folder: string;
const running: ChildProcess[] = [];

beforeAll(async () => {
  stage = await setStage('notifier', { topics: 1 });
  topic = stage.topics[0] as string;
  sink = await startMailSink();
  folder = mkdtempSync(join(tmpdir(), 'notifier-'));
});

afterEach(() => Promise.all(running.splice(0).map((child) => end(child, 'SIGKILL'))));

afterAll(async () => {
  await stage?.close();
  await sink?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Notifier {
  readonly child: ChildProcess;
  /** its log lines so far */
  readonly log: string[];
}

async function startNotifier(env: Record<string, string> = {}): Promise<Notifier> {
  const program = new URL('../../examples/notifier/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      KAFKA_BROKERS: stage.brokers.join(','),
      NOTIFICATION_TOPIC: topic,
      NOTIFIER_GROUP: `notifier-${randomUUID()}`,
      NOTIFIER_SEEN_FILE: join(folder, 'seen.sqlite'),
      SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
      MAIL_FROM: 'bills@example.com',
      ...env,
    },
  });
  running.push(child);
  const log: string[] = [];
  createInterface(child.stderr).on('line', (line) => log.push(line));
  await waitFor('the notifier is ready', 20_000, () => {
    if (child.exitCode !== null) throw new Error(log.join('\n'));
    return once(child.stdout, 'data').then(() => true);
  });
  return { child, log };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  const [code] = await once(child, 'exit');
  return code;
}

const bill = (to: string, more: object = {}) => ({
  ID: 'n-1',
  Recipient: { ID: to, Provider: 'email' },
  Data: {
    ...{ name: 'Ada & Co', number: '2026-11', due: '2026-12-01', total: 30.5, currency: 'EUR' },
    items: [
      { text: 'Tea', amount: 10 },
      { text: 'Biscuits', amount: 20.5 },
    ],
  },
  Ref: { ID: 'bill.txt' },
  ...more,
});

/** Puts values on the topic as the scheduler would. */
async function put(...values: (string | object)[]): Promise<string[]> {
  const ids = values.map(() => randomUUID());
  const messages = values.map((value, i) => ({
    key: 'one partition',
    value: typeof value === 'string' ? value : JSON.stringify(value),
    headers: { ce_id: ids[i] as string },
  }));
  await producing(stage.brokers, (producer) => producer.send({ topic, messages }));
  return ids;
}

const mailsTo = (address: string) => sink.mails.filter((mail) => recipientOf(mail) === address);
const untilMailed = (address: string) =>
  waitFor(`an e-mail to ${address}`, 30_000, () => mailsTo(address)[0]);

test('a scheduled notification becomes an e-mail by its template, once: a repeated event id is dropped, after kill -9 too', async () => {
  const [event] = await query<{ id: string }>(
    stage.database.url,
    `select id from scheduler.schedule_event(scheduled_at => '2022-03-09T17:43:00Z',
      destination_topic => $1, payload => convert_to($2, 'UTF8'))`,
    [topic, JSON.stringify(bill('ada@example.com'))],
  );
  const { id } = event as { id: string };
  stage.relay();
  await expectPublishedOnce(stage, [id]);
  await startNotifier();
  const mail = await untilMailed('ada@example.com');
  expect(mail.subject).toBe('Your bill 2026-11: €30.50');
  expect(mail.messageId).toBe(`<${id}@example.com>`);
  expect(mail.text).toBe(
    [
      ...['Dear Ada & Co,', '', 'here is your bill 2026-11, due on 2026-12-01.', ''],
      ...['  Tea: €10.00', '  Biscuits: €20.50', '', 'Total: €30.50', '', 'Notification n-1', ''],
    ].join('\n'),
  );
  await Promise.all(running.splice(0).map((child) => end(child, 'SIGKILL')));
  // A new group reads the topic from its beginning: all of it comes a second time.
  await startNotifier();
  await put(bill('after@example.com'));
  await untilMailed('after@example.com');
  expect(mailsTo('ada@example.com')).toHaveLength(1);
});

test('what cannot be read, filled or delivered goes to the dead letters with the reason and holds nobody up', async () => {
  const { log } = await startNotifier();
  const { items: _, ...unfilled } = bill('x@example.com').Data;
  const bad: [value: string | object, reason: RegExp][] = [
    ['{not json', /^not JSON/],
    [bill('x@example.com', { Recipient: { ID: 'x@example.com' } }), /Recipient.*Provider/],
    [bill('x@example.com', { Recipient: { ID: '7', Provider: 'sms' } }), /Provider is not known/],
    [bill('a@example.com, b@example.com'), /not an e-mail address/],
    [bill('x@example.com', { Ref: { ID: '../main.ts' } }), /names no template/],
    [bill('x@example.com', { Data: unfilled }), /does not fill bill.txt: .*items/],
    [
      bill('x@example.com', { Data: { ...unfilled, items: [{ text: 'Tea' }] } }),
      /not fill.*amount/,
    ],
    [bill('x@nowhere.example'), /refused by the mail server/],
  ];
  const ids = await put(...bad.map(([value]) => value), bill('last@example.com'));
  await untilMailed('last@example.com');
  const letters = await readTopics(stage.brokers, [`${topic}.dead-letter`]);
  await letters.drain();
  await letters.close();
  expect(letters.messages.map(({ headers }) => headers.ce_id)).toEqual(ids.slice(0, -1));
  bad.forEach(([value, reason], i) => {
    const letter = letters.messages[i];
    expect(letter?.headers['dead-letter-reason']).toMatch(reason);
    expect(letter?.headers['dead-letter-source']).toMatch(new RegExp(`^${topic}/\\d+/\\d+$`));
    expect(letter?.value.toString()).toBe(
      typeof value === 'string' ? value : JSON.stringify(value),
    );
  });
  expect(mailsTo('x@example.com')).toEqual([]);
  expect(log.filter((line) => line.includes('dead letter'))).toHaveLength(bad.length);
});

test('while the mail server is away it waits, and stops in good order', async () => {
  const port = await freePort();
  const { child, log } = await startNotifier({ SMTP_URL: `smtp://127.0.0.1:${port}` });
  await put(bill('patient@example.com'));
  await waitFor('it says so', 20_000, () => log.some((line) => line.includes('mail server away')));
  const late = await startMailSink({ port });
  await waitFor('the e-mail', 20_000, () => late.mails.length > 0);
  expect(late.mails.map(recipientOf)).toEqual(['patient@example.com']);
  expect(await end(child, 'SIGTERM')).toBe(0);
  await late.close();
});

test('messages of aborted transactions are not mailed, where two overlap either', async () => {
  const record = (to: string) => ({
    topic,
    messages: [{ key: 'one partition', value: JSON.stringify(bill(to)) }],
  });
  const transactional = () => ({ transactionalId: randomUUID(), maxInFlightRequests: 1 });
  await producing(
    stage.brokers,
    (one) =>
      producing(
        stage.brokers,
        async (other) => {
          const [first, second] = [await one.transaction(), await other.transaction()];
          await first.send(record('ghost@example.com'));
          await second.send(record('ghost@example.com'));
          await first.send(record('ghost@example.com'));
          // The broker lists them in this order, and kafkajs takes that for the order of their beginnings.
          await second.abort();
          await first.abort();
        },
        transactional(),
      ),
    transactional(),
  );
  await put(bill('real@example.com'));
  await startNotifier();
  await untilMailed('real@example.com');
  expect(mailsTo('ghost@example.com')).toEqual([]);
});
