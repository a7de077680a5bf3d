import type { EventVersion, FinalRow, TopicFacts } from '../../history.ts';
import type { Property } from '../../verdict.ts';
import { type Case, messagesOf, topicsOf } from '../cases.ts';
import { Tally } from '../tally.ts';
import { effectiveWrites } from '../versions.ts';

const NAME = 'attempts';
const MOST = 3;

/** ms around the absence of a topic in which a broker, or what a relay knows, may say that it is absent */
const AROUND = { before: 1_000, after: 5_000 };

export const attempts: Property = {
  name: NAME,
  promise:
    'an attempt is counted only when a broker refuses that very event; three of them, and only they, make it FAILED',
  judge(history) {
    const tally = new Tally(NAME);
    const topics = topicsOf(history);
    for (const one of messagesOf(history)) {
      if (one.row === null) continue;
      tally.check();
      judgeCounts(one.row, tally);
      for (const attempt of one.row.attempts) {
        if (!isDeserved(one, attempt, topics)) {
          tally.convict(
            one.id,
            `an attempt was counted for ${attempt.code}, and no broker can have refused it for that`,
          );
        }
      }
    }
    return tally.finding();
  },
};

function judgeCounts({ id, status, retry, lastError, attempts }: FinalRow, tally: Tally): void {
  if (retry !== attempts.length) {
    tally.convict(id, `it has retry ${retry}, and ${attempts.length} attempts are on record`);
  }
  if ((status === 'FAILED') !== retry >= MOST) {
    tally.convict(id, `it is ${status} after ${retry} attempts (last error ${lastError})`);
  }
  if (status === 'FAILED' && lastError !== attempts.at(-1)?.code) {
    tally.convict(
      id,
      `it is FAILED for ${lastError}, and its last attempt for ${attempts.at(-1)?.code}`,
    );
  }
}

/** By any of the versions that it may have had then: a change keeps the attempts of what was before. */
function isDeserved(
  { id, operations }: Case,
  { at, code }: FinalRow['attempts'][number],
  topics: ReadonlyMap<string, TopicFacts>,
): boolean {
  return effectiveWrites(operations)
    .filter(({ from }) => from <= at)
    .some(({ version }) => {
      const facts = topics.get(version.topic);
      if (facts?.kind === 'missing') return code === 'unknown_topic';
      if (facts?.kind === 'narrow') {
        return code === 'record_too_large' && mostBytes(id, version) > (facts.maxBytes ?? 0);
      }
      return facts?.kind === 'fleeting' && code === 'unknown_topic' && isAbsent(facts, at);
    });
}

function isAbsent({ absent }: TopicFacts, at: number): boolean {
  return absent.some(({ from, to }) => from - AROUND.before <= at && at <= to + AROUND.after);
}

/** Bytes of a record batch with this event alone, at most: the limit of a topic is on batches. */
function mostBytes(id: string, { key, payload, headers }: EventVersion): number {
  const overhead = 61 + 27;
  // ce_specversion, ce_id, ce_source, ce_type, ce_time and what counts their lengths
  const ownHeaders = 400;
  const callers = Object.entries(headers).map(([name, value]) => bytes(name) + bytes(value) + 10);
  const given = callers.reduce((sum, size) => sum + size, 0);
  return overhead + ownHeaders + given + bytes(key ?? id) + Buffer.byteLength(payload, 'base64');
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
