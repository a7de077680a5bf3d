import { readFile } from 'node:fs/promises';
import type { SASLOptions } from 'kafkajs';
import type { KafkaSecurity } from '../../settings/settings.ts';
import type { ClientOptions } from './client.ts';

type Security = { -readonly [K in 'ssl' | 'sasl']?: NonNullable<ClientOptions[K]> };

/**
 * TLS and SASL of the Kafka client as the settings say.
 * @throws when a file that they name cannot be read
 */
export async function kafkaSecurity(settings: KafkaSecurity): Promise<Security> {
  const { caFile, certFile, keyFile, sasl } = settings;
  const security: Security = {};
  if (caFile || certFile || keyFile) {
    security.ssl = {
      ca: caFile && (await readFile(caFile, 'utf8')),
      cert: certFile && (await readFile(certFile, 'utf8')),
      key: keyFile && (await readFile(keyFile, 'utf8')),
    };
  }
  if (sasl) {
    security.sasl = sasl as SASLOptions;
  }
  return security;
}
