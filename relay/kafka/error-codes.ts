import type { ErrorClass } from './errors.ts';

export type Coded = readonly [ErrorClass, string];

/** Kafka's error codes (protocol guide, "Error Codes"): what each means to a lane, and our name. */
export const CODES: ReadonlyMap<number, Coded> = new Map<number, Coded>([
  [-1, ['producer-dead', 'unknown_server_error']],
  [2, ['transient', 'corrupt_message']],
  [3, ['event', 'unknown_topic']],
  [5, ['transient', 'leader_not_available']],
  [6, ['transient', 'not_leader']],
  [7, ['transient', 'request_timed_out']],
  [8, ['transient', 'broker_not_available']],
  [9, ['transient', 'replica_not_available']],
  [10, ['event', 'record_too_large']],
  [12, ['configuration', 'offset_metadata_too_large']],
  [13, ['transient', 'network_exception']],
  [14, ['transient', 'coordinator_load_in_progress']],
  [15, ['transient', 'coordinator_not_available']],
  [16, ['transient', 'not_coordinator']],
  [17, ['event', 'invalid_topic']],
  [18, ['event', 'record_list_too_large']],
  [19, ['transient', 'not_enough_replicas']],
  [20, ['transient', 'not_enough_replicas_after_append']],
  [29, ['event', 'topic_authorization_failed']],
  [30, ['configuration', 'group_authorization_failed']],
  [31, ['configuration', 'cluster_authorization_failed']],
  [32, ['event', 'invalid_timestamp']],
  [33, ['configuration', 'unsupported_sasl_mechanism']],
  [34, ['configuration', 'illegal_sasl_state']],
  [35, ['configuration', 'unsupported_version']],
  [41, ['transient', 'not_controller']],
  [44, ['event', 'policy_violation']],
  [45, ['producer-dead', 'out_of_order_sequence']],
  [46, ['producer-dead', 'duplicate_sequence']],
  [47, ['producer-dead', 'producer_fenced']],
  [48, ['producer-dead', 'invalid_txn_state']],
  [49, ['producer-dead', 'invalid_producer_id_mapping']],
  [50, ['configuration', 'invalid_transaction_timeout']],
  [51, ['transient', 'concurrent_transactions']],
  [52, ['producer-dead', 'transaction_coordinator_fenced']],
  [53, ['configuration', 'transactional_id_authorization_failed']],
  // The broker refused another partition of the same request; kafkajs may report this one.
  [55, ['event', 'operation_not_attempted']],
  [56, ['transient', 'storage_error']],
  [58, ['configuration', 'sasl_authentication_failed']],
  [59, ['producer-dead', 'unknown_producer_id']],
  [74, ['transient', 'fenced_leader_epoch']],
  [75, ['transient', 'unknown_leader_epoch']],
  [76, ['event', 'unsupported_compression']],
  [87, ['event', 'invalid_record']],
  [89, ['transient', 'throttling_quota_exceeded']],
  [90, ['producer-dead', 'producer_fenced']],
]);

/** Which ACLs a refused principal lacks, by Kafka's code. */
export const NEEDED: ReadonlyMap<number, string> = new Map([
  [29, 'Write and Describe on it'],
  [30, 'Read on the groups <DEPLOYMENT>-lane-*'],
  [31, 'IdempotentWrite on the cluster'],
  [53, 'Write and Describe on the transactional ids <DEPLOYMENT>-lane-*'],
]);
