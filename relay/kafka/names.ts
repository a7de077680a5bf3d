/**
 * Name of one lane on the Kafka cluster: its `transactional.id` and the consumer group whose
 * committed offset is its ledger.
 * @param deployment name of the deployment, as stored at install
 * @param lane number of the lane, from 0
 */
export function laneName(deployment: string, lane: number): string {
  return `${deployment}-lane-${lane}`;
}

/**
 * Topic that the ledger offsets of all lanes of a deployment refer to. Nothing is ever written to
 * it: Kafka only insists that the partitions of a committed offset exist.
 */
export function ledgerTopic(deployment: string): string {
  return `${deployment}-lane-ledger`;
}

/** Partition of the ledger topic whose offset metadata is the last committed batch id. */
export const BATCH_PARTITION = 0;
/** Partition of the ledger topic whose offset metadata is the token of the last barrier. */
export const TOKEN_PARTITION = 1;
