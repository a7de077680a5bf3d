import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaSecurity } from '../../settings/settings.ts';
import type { ClientOptions } from './client.ts';

type Security = { -readonly [K in 'tls' | 'sasl']?: NonNullable<ClientOptions[K]> };

/**
 * TLS and SASL of the Kafka client as the settings say. The files are read again at each new
 * connection, so that a renewed certificate needs no restart.
 * @param log hears when the client certificate has changed
 * @throws Error that names a file that cannot be read
 */
export function kafkaSecurity(settings: KafkaSecurity, log: Logger): Security {
  const { caFile, certFile, keyFile, sasl } = settings;
  const security: Security = {};
  if (caFile || certFile || keyFile) {
    const tellChange = certificateTeller(log);
    security.tls = () => {
      const options = { ca: read(caFile), cert: read(certFile), key: read(keyFile) };
      if (options.cert) tellChange(options.cert);
      return options;
    };
    security.tls();
  }
  if (sasl) {
    security.sasl = sasl as SASLOptions;
  }
  return security;
}

function read(file: string | undefined): string | undefined {
  return file && readFileSync(file, 'utf8');
}

/** Whether it is valid is for the broker to say: our clock may be wrong. */
function certificateTeller(log: Logger): (pem: string) => void {
  let known = '';
  return (pem) => {
    const digest = createHash('sha256').update(pem).digest('hex');
    if (digest === known) return;
    known = digest;
    const { subject, validFrom, validTo } = new X509Certificate(pem);
    log.info({ subject, validFrom, validTo }, 'client certificate read');
  };
}
