import { createServer } from 'node:http';
import { startMailSink } from './mail-sink.ts';

/** Keeps e-mails: SMTP on port 2525, what it got as JSON on port 8025, the newest first. */
const sink = await startMailSink({ port: 2525, host: '0.0.0.0' });
createServer((_request, response) => {
  const mails = sink.mails.map(({ messageId, from, to, subject, text, date }) => {
    const address = (one: typeof to) => [one ?? []].flat().map((each) => each.text);
    return { messageId, date, from: from?.text, to: address(to), subject, text };
  });
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(mails.toReversed(), null, 2)}\n`);
}).listen(8025);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
process.stdout.write('ready {"smtp":2525,"http":8025}\n');
