import { setTimeout as sleep } from 'node:timers/promises';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { Logger } from 'pino';
import { DeadLetter } from './dead-letter.ts';
import type { Mailer } from './mailer.ts';
import { addressOf, readNotification } from './notification.ts';
import type { Seen } from './seen.ts';
import type { Render } from './templates.ts';

export interface Incoming {
  readonly topic: string;
  readonly partition: number;
  readonly message: KafkaMessage;
  /** to be called now and then while it takes long, so that the group keeps us */
  readonly heartbeat: () => Promise<void>;
}

export interface NotifierParts {
  readonly seen: Seen;
  readonly mailer: Mailer;
  readonly render: Render;
  /** Puts a copy of the message on the topic of dead letters. */
  readonly bury: (
    message: Pick<KafkaMessage, 'key' | 'value'> & { readonly headers: IHeaders },
  ) => Promise<void>;
  readonly log: Logger;
  readonly stopping: AbortSignal;
}

/** ms between attempts to reach the mail server */
const PAUSE = { first: 200, longest: 10_000 };

/**
 * Deals with one message: an e-mail, a dead letter, or nothing if its event was dealt with before.
 * Returns only then, so that the group's offset never passes what is not done; while the mail server
 * is away it waits.
 */
export async function notify(incoming: Incoming, parts: NotifierParts): Promise<void> {
  const { topic, partition, message } = incoming;
  const { seen, log } = parts;
  // A message that is not the scheduler's is known by its place, which no other ever has.
  const id = message.headers?.ce_id?.toString() ?? `${topic}/${partition}/${message.offset}`;
  if (seen.has(id)) {
    log.info({ id }, 'dealt with before');
    return;
  }
  try {
    const notification = readNotification(message.value);
    const to = addressOf(notification.Recipient);
    const mail = parts.render(notification);
    await persist(incoming, parts, () => parts.mailer.send(id, to, mail));
    log.info({ id, notification: notification.ID }, 'sent');
  } catch (error) {
    if (!(error instanceof DeadLetter)) throw error;
    await parts.bury({
      key: message.key,
      value: message.value,
      headers: {
        ...message.headers,
        'dead-letter-reason': error.message,
        'dead-letter-source': `${topic}/${partition}/${message.offset}`,
      },
    });
    log.error({ id, reason: error.message }, 'dead letter');
  }
  // A crash before this line repeats this one message: sent twice rather than never.
  seen.add(id);
}

async function persist(
  { heartbeat }: Incoming,
  { log, stopping }: NotifierParts,
  work: () => Promise<void>,
): Promise<void> {
  for (let pause = PAUSE.first; ; pause = Math.min(pause * 2, PAUSE.longest)) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DeadLetter) throw error;
      log.warn({ reason: (error as Error).message, pause }, 'mail server away: trying again');
    }
    await sleep(pause, undefined, { signal: stopping });
    await heartbeat();
  }
}
