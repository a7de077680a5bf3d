import { once } from 'node:events';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface MailSink {
  readonly port: number;
  /** what was accepted, in order */
  readonly mails: ParsedMail[];
  close(): Promise<void>;
}

/**
 * A mail server that keeps what it gets. It refuses recipients at `nowhere.example` for good.
 * @param options.port default a free one
 * @param options.host default loopback
 */
export async function startMailSink({ port = 0, host = '127.0.0.1' } = {}): Promise<MailSink> {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => {
      if (!address.endsWith('@nowhere.example')) done();
      else done(Object.assign(new Error('No such user'), { responseCode: 550 }));
    },
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
  });
  const { server: socket } = server;
  server.listen(port, host);
  await once(socket, 'listening');
  return {
    port: (socket.address() as { port: number }).port,
    mails,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** To whom an e-mail went. */
export function recipientOf(mail: ParsedMail): string | undefined {
  return (mail.to as AddressObject | undefined)?.value[0]?.address;
}
