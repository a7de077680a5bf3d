import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProxy, type TcpProxy } from '../../chaos/services/proxy.ts';
import { waitFor } from '../../local/wait.ts';

/** What came out of a socket so far, and how it ended. */
interface End {
  readonly socket: Socket;
  text: string;
  how: 'open' | 'ended' | 'closed' | 'reset';
}

let server: Server;
let proxy: TcpProxy;
let ends: End[];
/** the server's ends, in the order of their coming */
let served: End[];

beforeEach(async () => {
  ends = [];
  served = [];
  server = createServer({ allowHalfOpen: true }, (socket) => served.push(endOf(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startProxy((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.close();
  for (const { socket } of ends) socket.destroy();
  server.close();
});

function endOf(socket: Socket): End {
  const end: End = { socket, text: '', how: 'open' };
  ends.push(end);
  socket.on('data', (chunk) => {
    end.text += chunk;
  });
  socket.on('end', () => {
    end.how = 'ended';
  });
  socket.on('error', () => undefined);
  socket.on('close', (hadError) => {
    end.how = hadError ? 'reset' : 'closed';
  });
  return end;
}

function call(): End {
  return endOf(connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }));
}

/** A client that has exchanged a word with the server. */
async function talk(): Promise<{ client: End; answering: End }> {
  const client = call();
  client.socket.write('hello');
  const answering = await waitFor('the server is called', 2_000, () =>
    served.find(({ text, socket }) => text === 'hello' && !socket.destroyed),
  );
  answering.socket.write('welcome');
  await says(client, 'welcome');
  answering.text = client.text = '';
  return { client, answering };
}

async function says(end: End, text: string): Promise<void> {
  await waitFor(`"${text}" arrives`, 2_000, () => end.text === text);
}

async function isReset(end: End): Promise<void> {
  await waitFor('a reset', 2_000, () => end.how === 'reset');
}

test('passes on bytes and half-closes', async () => {
  const { client, answering } = await talk();
  client.socket.end('last');
  await waitFor('the end arrives', 2_000, () => answering.how === 'ended');
  expect(answering.text).toBe('last');
  answering.socket.end('answer');
  await waitFor('both ends are closed', 2_000, () => client.how === 'closed');
  expect(client.text).toBe('answer');
});

test('a server that is away resets the client, and a client that breaks off the server', async () => {
  const { client, answering } = await talk();
  client.socket.resetAndDestroy();
  await isReset(answering);
  server.close();
  await once(server, 'close');
  const another = call();
  await isReset(another);
});

test('swallowed towards the client: the request arrives, its answer is lost, and the connection is not resumed', async () => {
  const { client, answering } = await talk();
  proxy.swallow('to-client');
  client.socket.write('request');
  await says(answering, 'request');
  answering.socket.end('answer');
  // What is sent the other way afterwards arrives after the proxy has had the answer.
  client.socket.write('again');
  await says(answering, 'requestagain');
  expect(client).toMatchObject({ text: '', how: 'open' });
  proxy.heal();
  await isReset(client);
  await isReset(answering);
  await talk();
});

test('swallowed towards the server: the request is lost, also of a new connection', async () => {
  const { client, answering } = await talk();
  proxy.swallow('to-server');
  client.socket.write('request');
  answering.socket.write('notice');
  await says(client, 'notice');
  const late = call();
  late.socket.end('hello');
  const lateAnswering = await waitFor('the server is called', 2_000, () => served[1]);
  lateAnswering.socket.write('notice');
  await says(late, 'notice');
  expect([answering.text, lateAnswering.text, lateAnswering.how]).toEqual(['', '', 'open']);
  proxy.heal();
  await isReset(client);
  await isReset(lateAnswering);
});

test('a connection that has lost nothing outlives a swallowed direction', async () => {
  const { client, answering } = await talk();
  proxy.swallow('to-server');
  proxy.heal();
  client.socket.write('request');
  await says(answering, 'request');
});

test('delayed bytes come late, and in their order, whatever the delay becomes', async () => {
  const { client, answering } = await talk();
  proxy.delay('to-server', 150);
  const sent = performance.now();
  client.socket.write('1');
  answering.socket.write('not delayed');
  await says(client, 'not delayed');
  expect(answering.text).toBe('');
  proxy.delay('to-server', 0);
  client.socket.write('2');
  await says(answering, '12');
  expect(performance.now() - sent).toBeGreaterThan(145);
  proxy.delay('to-server', 60_000);
  client.socket.write('3');
  answering.socket.write('!');
  await says(client, 'not delayed!');
  expect(answering.text).toBe('12');
  proxy.heal();
  await says(answering, '123');
});

test('cut: everybody is reset until it is healed; cutOnce: those of now', async () => {
  const { client, answering } = await talk();
  proxy.cut();
  await isReset(client);
  await isReset(answering);
  const refused = call();
  await isReset(refused);
  proxy.heal();
  const { client: second } = await talk();
  proxy.cutOnce();
  await isReset(second);
  await talk();
});

test('takes no more from a sender than the receiver takes', async () => {
  const { client, answering } = await talk();
  answering.socket.pause();
  const chunk = Buffer.alloc(1_000_000, 'x');
  const count = 64;
  for (let i = 0; i < count; i++) client.socket.write(chunk);
  // The system's own buffers hold some megabytes; the proxy stops reading behind them.
  let taken = { left: 0, since: 0 };
  const left = await waitFor('the sender is held back', 5_000, () => {
    const { writableLength } = client.socket;
    if (writableLength !== taken.left) taken = { left: writableLength, since: performance.now() };
    return performance.now() - taken.since > 300 && writableLength;
  });
  expect(left).toBeGreaterThan(40 * chunk.length);
  answering.socket.resume();
  await waitFor('everything arrives', 10_000, () => answering.text.length === count * chunk.length);
});
