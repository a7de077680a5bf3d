import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Lets connections go when the app closes: those that never sent anything at once, the others with their
 * last answer; they would else stay open for more.
 * @returns whether the app is closing
 */
export function releaseConnections(app: FastifyInstance): () => boolean {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  let isStopping = false;
  app.addHook('preClose', async () => {
    isStopping = true;
    for (const socket of sockets) {
      // Browsers and pools open some in advance; Node counts them among those that are busy.
      if (socket.bytesRead === 0) {
        socket.destroy();
      }
    }
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isStopping) {
      reply.header('connection', 'close');
    }
  });
  return () => isStopping;
}
