import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { DeadLetter } from './dead-letter.ts';

const shape = Type.Object({
  /** of the notification, for whoever asks about it */
  ID: Type.String({ minLength: 1 }),
  /** who gets it: an id, and who knows what that id means; for provider `email` it is the address */
  Recipient: Type.Object({
    ID: Type.String({ minLength: 1 }),
    Provider: Type.String({ minLength: 1 }),
  }),
  /** what the template is filled with */
  Data: Type.Record(Type.String(), Type.Unknown()),
  /** which template, such as `bill.txt` */
  Ref: Type.Object({ ID: Type.String({ minLength: 1 }) }),
});
const compiled = Compile(shape);

export type Notification = Static<typeof shape>;

/**
 * Reads the value of a message.
 * @throws DeadLetter that names the field
 */
export function readNotification(value: Buffer | null): Notification {
  const given = parse(value);
  if (compiled.Check(given)) return given;
  const [first] = compiled.Errors(given);
  throw new DeadLetter(`${first?.instancePath || 'the notification'} ${first?.message}`);
}

function parse(value: Buffer | null): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value ?? undefined));
  } catch (error) {
    throw new DeadLetter(`not JSON in UTF-8: ${(error as Error).message}`, error);
  }
}

// The simplest address that could be meant (RFC 5321 dot-string): no list, no display name, no newline.
const ADDRESS = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/;

/**
 * The e-mail address of a recipient. Here one would ask one's directory of users; this example knows
 * provider `email` only, whose ids are addresses.
 * @throws DeadLetter
 */
export function addressOf({ ID, Provider }: Notification['Recipient']): string {
  if (Provider !== 'email') throw new DeadLetter(`/Recipient/Provider is not known: ${Provider}`);
  if (!ADDRESS.test(ID)) throw new DeadLetter('/Recipient/ID is not an e-mail address');
  return ID;
}
