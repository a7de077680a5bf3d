import { createKafkaClient } from '../../relay/kafka/client.ts';
import { CODES, NEEDED } from '../../relay/kafka/error-codes.ts';
import { BrokerRefusal, classify } from '../../relay/kafka/errors.ts';
import type { BrokerLink } from '../../relay/kafka/link.ts';
import { ledgerTopic } from '../../relay/kafka/names.ts';
import { kafkaSecurity } from '../../relay/kafka/security.ts';
import { checkWriting } from '../../relay/kafka/write-check.ts';
import { createLog } from '../../runtime/log.ts';
import type { Settings } from '../../settings/settings.ts';
import type { KnownToDatabase } from './database.ts';
import { type Finding, ok, problem, reasonOf, warning } from './finding.ts';

/** topics of one request */
const TOPICS_AT_ONCE = 500;

/** Asks Kafka whether it is the right cluster and lets us do what the relay does. Changes nothing. */
export async function examineKafka(
  settings: Settings,
  known: KnownToDatabase | null,
): Promise<Finding[]> {
  const { kafkaBrokers: brokers, deployment } = settings;
  if (!brokers) {
    return [problem('kafka', 'nobody says where it is', 'Set KAFKA_BROKERS.')];
  }
  let link: BrokerLink | undefined;
  try {
    const log = createLog('doctor', 'silent');
    const security = kafkaSecurity(settings.kafkaSecurity, log);
    const clientId = `${deployment}-doctor`;
    const client = createKafkaClient({
      brokers,
      clientId,
      requestTimeout: 5_000,
      ...security,
      log,
    });
    link = client.createLink();
    await link.connect(ledgerTopic(deployment));
    return [
      ...(await checkCluster(link, settings, known)),
      ...(known?.exactlyOnce ? await checkLaneNames(link, deployment) : []),
      ...(known ? await checkTopics(link, settings, known.topics) : []),
    ];
  } catch (error) {
    const remedy = 'Start Kafka, or correct KAFKA_BROKERS, KAFKA_SSL_… and KAFKA_SASL_….';
    return [problem('kafka', `${brokers.join(', ')}: ${reasonOf(error)}`, remedy)];
  } finally {
    link?.destroy();
  }
}

async function checkCluster(
  link: BrokerLink,
  { deployment }: Settings,
  known: KnownToDatabase | null,
): Promise<Finding[]> {
  const ledger = ledgerTopic(deployment);
  const { clusterId, topics } = await link.metadata([ledger]);
  const stored = known?.deployment;
  const detail = `cluster ${clusterId}, deployment ${deployment}`;
  if (stored && (stored.clusterId !== clusterId || stored.name !== deployment)) {
    const remedy =
      'Set DEPLOYMENT and KAFKA_BROKERS to what is stored; for a copied database: scheduler.adopt_deployment.';
    return [
      problem(
        'kafka',
        `${detail}, but the database belongs to cluster ${stored.clusterId}, deployment ${stored.name}`,
        remedy,
      ),
    ];
  }
  if (known && !stored) {
    return [warning('kafka', `${detail}: no relay has run yet`, 'Start one: `npm run relay`.')];
  }
  const code = topics[0]?.errorCode ?? 0;
  if (code === 0) return [ok('kafka', detail)];
  const remedy = `Let the relay's principal Read and Describe (once Create) topic ${ledger}.`;
  return [problem('kafka', `${ledger}: ${reasonOf(new BrokerRefusal(code, ledger))}`, remedy)];
}

/** Whether we may use the transactional ids and groups of lanes, asked by a name that no lane has. */
async function checkLaneNames(link: BrokerLink, deployment: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of ['transaction', 'group'] as const) {
    const detail = `${kind === 'group' ? 'groups' : 'transactional ids'} ${deployment}-lane-*`;
    try {
      await link.coordinator(kind, `${deployment}-lane-doctor`);
      findings.push(ok('lane names', `${detail} may be described`));
    } catch (error) {
      const { code, message } = classify(error);
      const refused = [...NEEDED].find(([known]) => CODES.get(known)?.[1] === code);
      const remedy = refused ? grant(refused[0]) : 'See the brokers’ log.';
      findings.push(problem('lane names', `${detail}: ${message}`, remedy));
    }
  }
  return findings;
}

const grant = (code: number) => `Grant the relay’s principal ${NEEDED.get(code)}.`;

async function checkTopics(
  link: BrokerLink,
  settings: Settings,
  topics: readonly string[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (let start = 0; start < topics.length; start += TOPICS_AT_ONCE) {
    const some = topics.slice(start, start + TOPICS_AT_ONCE);
    findings.push(...(await checkSomeTopics(link, settings, some)));
  }
  const fine = topics.length - findings.length;
  return [ok('topics', `${fine} of ${topics.length} exist and may be written to`), ...findings];
}

async function checkSomeTopics(
  link: BrokerLink,
  { createMissingTopics }: Settings,
  topics: string[],
): Promise<Finding[]> {
  const metadata = await link.metadata(topics);
  const codes = new Map(metadata.topics.map(({ topic, errorCode }) => [topic, errorCode]));
  const there = topics.filter((topic) => codes.get(topic) === 0);
  const writing = await checkWriting(link, there, metadata.controllerId);
  return topics.flatMap((topic) => {
    const code = codes.get(topic) || writing.get(topic) || 0;
    return code === 0 ? [] : [toFinding(topic, code, createMissingTopics)];
  });
}

const UNKNOWN_TOPIC = 3;

function toFinding(topic: string, code: number, createMissing: boolean): Finding {
  const detail = `${topic}: ${new BrokerRefusal(code, topic).message}`;
  if (code === UNKNOWN_TOPIC) {
    return createMissing
      ? warning('topics', detail, 'None: CREATE_MISSING_TOPICS is on, it will be made.')
      : problem('topics', detail, 'Create it, or cancel what waits for it.');
  }
  if (NEEDED.has(code)) {
    return problem('topics', detail, grant(code));
  }
  return problem('topics', detail, 'See the brokers’ log.');
}
