import type { Dialogue, Request } from './interceptor.ts';

/** Postgres's protocol as a lane speaks it: one prepared statement after another, by name. */
export function postgresDialogue(): Dialogue {
  let started = false;
  let name: string | null = null;
  let parts: Buffer[] = [];
  const fromClient = messages(() => started);
  const fromServer = messages(() => true);
  return {
    requests: (chunk) =>
      fromClient(chunk).flatMap((message): Request[] => {
        const type = started ? letter(message) : 'startup';
        started = true;
        parts.push(message);
        // Bind: name of the portal, name of the statement.
        if (type === 'B') name = message.toString('utf8', 5).split('\0')[1] || null;
        // What is sent in several messages ends with Sync.
        if (['P', 'B', 'D', 'E', 'C', 'H'].includes(type)) return [];
        const request = { bytes: Buffer.concat(parts), name, id: 0 };
        parts = [];
        name = null;
        return [request];
      }),
    answers: (chunk) =>
      fromServer(chunk).map((bytes) => ({ bytes, id: 0, last: letter(bytes) === 'Z' })),
  };
}

/** What a function of the engine answered: its value as text, null, or the SQLSTATE that refused it. */
export function valueIn(answer: Buffer): string | null {
  for (const message of messages(() => true)(answer)) {
    // DataRow: number of columns, then length and bytes of each; the function's value comes first.
    if (letter(message) === 'D') {
      const length = message.readInt32BE(7);
      return length < 0 ? null : message.toString('utf8', 11, 11 + length);
    }
    if (letter(message) === 'E') return /\0C(\w{5})\0/.exec(message.toString('utf8'))?.[1] ?? '?';
  }
  throw new Error('neither a row nor an error');
}

const letter = (message: Buffer) => String.fromCharCode(message[0] as number);

/** Puts chunks of a stream together to messages: a letter, except at first, and a length. */
function messages(lettered: () => boolean): (chunk: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const whole: Buffer[] = [];
    for (;;) {
      const first = lettered() || whole.length > 0 ? 1 : 0;
      if (rest.length < first + 4) return whole;
      const length = first + rest.readInt32BE(first);
      if (rest.length < length) return whole;
      whole.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };
}
