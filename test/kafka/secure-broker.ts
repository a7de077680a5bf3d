import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findJava, missingForKafka, obtainJars } from '../../local/kafka-programs.ts';
import { untilKafkaAnswers } from '../../local/kafka-ready.ts';
import { installPackages } from '../../local/packages.ts';
import { freePort } from '../../local/ports.ts';
import { mustRun } from '../../local/processes.ts';
import { GivenUp } from '../../local/wait.ts';
import { type Authority, certificateAuthority, type Issued } from './certificates.ts';

export interface SecureBroker {
  /** without security: who comes here may do everything */
  readonly admin: string[];
  /** SASL, PLAIN and SCRAM-SHA-512: user `relay`, password `secret` */
  readonly sasl: string[];
  /** TLS with a client certificate; the principal is the common name */
  readonly tls: string[];
  /** CA of the broker and of the clients that it trusts */
  readonly authority: Authority;
  /** a client certificate of `relay` */
  readonly client: Issued;
  readonly folder: string;
  stop(): Promise<void>;
}

const JAVA = ['-Xmx384m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Ends the command by kill -9 when we close its stdin, or are gone ourselves, whatever killed us. */
const UNTIL_STDIN_ENDS =
  'exec 3<&0; "$@" </dev/null & child=$!; (read _ <&3; kill -9 $child) & wait $child';

/**
 * A broker with StandardAuthorizer that allows `relay` nothing. Always a process of this machine:
 * what local/ obtains has no security.
 * @throws Error that says what to install, or what failed
 */
export async function startSecureBroker(): Promise<SecureBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'secure-kafka-'));
  const progress = { say: () => undefined, logs: folder };
  await installPackages(await missingForKafka(), progress);
  const java = (await findJava()) as string;
  const classes = ['-cp', join(await obtainJars(progress), '*')];
  const authority = await certificateAuthority(folder, 'ours');
  const client = await authority.issue('relay');
  const ports: number[] = [];
  for (let i = 0; i < 4; i++) ports.push(await freePort(ports));
  const [plain, sasl, tls, controller] = ports as [number, number, number, number];
  const properties = join(folder, 'server.properties');
  const tlsLines = tlsConfiguration(authority, await authority.issue('broker'));
  const listeners = [
    `ADMIN://127.0.0.1:${plain}`,
    `SASL://127.0.0.1:${sasl}`,
    `TLS://127.0.0.1:${tls}`,
    `CONTROLLER://127.0.0.1:${controller}`,
  ];
  const lines = [...common(folder, controller, listeners), ...tlsLines, ''];
  writeFileSync(properties, lines.join('\n'));
  await mustRun('creating a Kafka cluster', java, [
    ...[...JAVA, ...classes, 'kafka.tools.StorageTool', 'format', '--config', properties],
    ...['--cluster-id', 'AAAAAAAAAAAAAAAAAAAAAA'],
    ...['--add-scram', 'SCRAM-SHA-512=[name=relay,password=secret]'],
  ]);
  const log = join(folder, 'kafka.log');
  const output = openSync(log, 'a');
  const command = [java, ...JAVA, ...classes, 'kafka.Kafka', properties];
  const broker = spawn('sh', ['-c', UNTIL_STDIN_ENDS, 'sh', ...command], {
    stdio: ['pipe', output, output],
  });
  await untilKafkaAnswers(`127.0.0.1:${plain}`, 60_000, () => {
    if (hasEnded(broker)) throw new GivenUp(readFileSync(log, 'utf8').slice(-3_000));
  });
  return {
    ...{ admin: [`127.0.0.1:${plain}`], sasl: [`127.0.0.1:${sasl}`], tls: [`127.0.0.1:${tls}`] },
    ...{ authority, client, folder },
    stop: async () => {
      broker.stdin?.end();
      if (!hasEnded(broker)) await once(broker, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function common(folder: string, controller: number, listeners: string[]): string[] {
  const logins = 'org.apache.kafka.common.security';
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    'controller.listener.names=CONTROLLER',
    `listeners=${listeners.join(',')}`,
    'listener.security.protocol.map=ADMIN:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL',
    'inter.broker.listener.name=ADMIN',
    `log.dirs=${join(folder, 'data')}`,
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users=User:ANONYMOUS',
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512',
    `listener.name.sasl.plain.sasl.jaas.config=${logins}.plain.PlainLoginModule required user_relay="secret";`,
    `listener.name.sasl.scram-sha-512.sasl.jaas.config=${logins}.scram.ScramLoginModule required;`,
    'auto.create.topics.enable=false',
    'group.initial.rebalance.delay.ms=0',
    ...['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic'].flatMap(
      (topic) => [`${topic}.replication.factor=1`, `${topic}.num.partitions=2`],
    ),
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.min.isr=1',
    'log.cleaner.dedupe.buffer.size=33554432',
  ];
}

function tlsConfiguration(authority: Authority, broker: Issued): string[] {
  return [
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${broker.both}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${authority.ca}`,
    'ssl.client.auth=required',
    'ssl.principal.mapping.rules=RULE:^CN=(.*)$/$1/',
  ];
}
