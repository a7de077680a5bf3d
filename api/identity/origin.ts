import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCatalogue } from '../errors.ts';
import { type Access, isLoopback } from './access.ts';

/**
 * Refuses requests that a website makes its visitor's browser send: where no token is asked for,
 * being able to reach the API is all it takes. Pages of the API's own origin are let through.
 * @param allowed other origins that are; `*`: all
 * @throws ProblemError 403 foreign_origin
 */
export function refuseForeignSites(
  headers: IncomingHttpHeaders,
  mode: Access['mode'],
  allowed: readonly string[],
  errors: ErrorCatalogue,
): void {
  const { origin, host = '' } = headers;
  // A name that its owner points at 127.0.0.1 (DNS rebinding) would make the page one of our own.
  if (mode === 'local' && !isLoopback(hostName(`http://${host}`))) {
    const detail = `Host is ${quote(host)}; an open API answers to localhost, 127.0.0.1 and [::1] only.`;
    throw errors.refusal('foreign_origin', { field: 'Host', detail });
  }
  const isAllowed = (page: string) => allowed.includes(page) || allowed.includes('*');
  if (origin !== undefined && !isAllowed(origin) && !isSameSite(origin, host)) {
    const detail = `A page of ${quote(origin)} sent this.`;
    throw errors.refusal('foreign_origin', { field: 'Origin', detail });
  }
}

function hostName(url: string): string {
  return URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
}

function isSameSite(origin: string, host: string): boolean {
  // The origin `null`, of a sandboxed page, is nobody's.
  const page = URL.parse(origin);
  return page !== null && page.host === URL.parse(`http://${host}`)?.host;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
