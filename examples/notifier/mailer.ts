import { createTransport } from 'nodemailer';
import { DeadLetter } from './dead-letter.ts';
import type { NotifierSettings } from './settings.ts';
import type { Rendered } from './templates.ts';

export interface Mailer {
  /**
   * @param id of the event: a repeated e-mail has the same Message-ID
   * @throws DeadLetter when the server refuses this very e-mail for good; other errors: try again
   */
  send(id: string, to: string, mail: Rendered): Promise<void>;
  close(): void;
}

/** E-mail over SMTP. */
export function createMailer({ SMTP_URL, MAIL_FROM }: NotifierSettings): Mailer {
  const transport = createTransport({
    url: SMTP_URL,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    // What a template or its data says is text, never a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = MAIL_FROM.split('@').at(-1);
  return {
    send: async (id, to, mail) => {
      try {
        await transport.sendMail({
          from: MAIL_FROM,
          // One recipient, whatever characters its address has.
          to: { name: '', address: to },
          messageId: `<${encodeURIComponent(id)}@${domain}>`,
          // RFC 3834: no out-of-office answers to a program.
          headers: { 'Auto-Submitted': 'auto-generated' },
          ...mail,
        });
      } catch (error) {
        if (isRefusalOfThisMail(error)) {
          throw new DeadLetter(`refused by the mail server: ${(error as Error).message}`, error);
        }
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

/** RFC 5321 4.2.1: 5yz is for good. A refused login (535) is about us, not about the e-mail. */
function isRefusalOfThisMail(error: unknown): boolean {
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  const ofMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  return ofMail && responseCode !== undefined && responseCode >= 500;
}
