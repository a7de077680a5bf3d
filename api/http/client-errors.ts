import type { Socket } from 'node:net';
import type { ErrorCatalogue } from '../errors.ts';

/** Of Node's parser of HTTP; all else is a bad request. */
const codes: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Answers what never became a request with a problem, and closes its connection. */
export function answerClientErrors(errors: ErrorCatalogue) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code !== 'ECONNRESET' && socket.writable) {
      const { problem } = errors.refusal(codes[error.code ?? ''] ?? 'bad_request');
      const body = JSON.stringify(problem);
      const head = [
        `HTTP/1.1 ${problem.status} ${REASONS[problem.status]}`,
        'Content-Type: application/problem+json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
      ];
      socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
    } else {
      socket.destroy();
    }
  };
}
