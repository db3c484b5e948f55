// All APIs that have a schema, by key.
import { PRODUCE } from './apis/00-produce.ts';
import { FETCH } from './apis/01-fetch.ts';
import { LIST_OFFSETS } from './apis/02-list-offsets.ts';
import { METADATA } from './apis/03-metadata.ts';
import { OFFSET_COMMIT } from './apis/08-offset-commit.ts';
import { OFFSET_FETCH } from './apis/09-offset-fetch.ts';
import { FIND_COORDINATOR } from './apis/10-find-coordinator.ts';
import { JOIN_GROUP } from './apis/11-join-group.ts';
import { HEARTBEAT } from './apis/12-heartbeat.ts';
import { LEAVE_GROUP } from './apis/13-leave-group.ts';
import { SYNC_GROUP } from './apis/14-sync-group.ts';
import { DESCRIBE_GROUPS } from './apis/15-describe-groups.ts';
import { LIST_GROUPS } from './apis/16-list-groups.ts';
import { SASL_HANDSHAKE } from './apis/17-sasl-handshake.ts';
import { API_VERSIONS } from './apis/18-api-versions.ts';
import { CREATE_TOPICS } from './apis/19-create-topics.ts';
import { DELETE_TOPICS } from './apis/20-delete-topics.ts';
import { DELETE_RECORDS } from './apis/21-delete-records.ts';
import { INIT_PRODUCER_ID } from './apis/22-init-producer-id.ts';
import { OFFSET_FOR_LEADER_EPOCH } from './apis/23-offset-for-leader-epoch.ts';
import { ADD_PARTITIONS_TO_TXN } from './apis/24-add-partitions-to-txn.ts';
import { ADD_OFFSETS_TO_TXN } from './apis/25-add-offsets-to-txn.ts';
import { END_TXN } from './apis/26-end-txn.ts';
import { TXN_OFFSET_COMMIT } from './apis/28-txn-offset-commit.ts';
import { DESCRIBE_ACLS } from './apis/29-describe-acls.ts';
import { CREATE_ACLS } from './apis/30-create-acls.ts';
import { DELETE_ACLS } from './apis/31-delete-acls.ts';
import { DESCRIBE_CONFIGS } from './apis/32-describe-configs.ts';
import { ALTER_CONFIGS } from './apis/33-alter-configs.ts';
import { DESCRIBE_LOG_DIRS } from './apis/35-describe-log-dirs.ts';
import { SASL_AUTHENTICATE } from './apis/36-sasl-authenticate.ts';
import { CREATE_PARTITIONS } from './apis/37-create-partitions.ts';
import { DELETE_GROUPS } from './apis/42-delete-groups.ts';
import { INCREMENTAL_ALTER_CONFIGS } from './apis/44-incremental-alter-configs.ts';
import { OFFSET_DELETE } from './apis/47-offset-delete.ts';
import { DESCRIBE_CLUSTER } from './apis/60-describe-cluster.ts';
import { DESCRIBE_PRODUCERS } from './apis/61-describe-producers.ts';
import { DESCRIBE_TRANSACTIONS } from './apis/65-describe-transactions.ts';
import { LIST_TRANSACTIONS } from './apis/66-list-transactions.ts';
import { CONSUMER_GROUP_HEARTBEAT } from './apis/68-consumer-group-heartbeat.ts';
import { CONSUMER_GROUP_DESCRIBE } from './apis/69-consumer-group-describe.ts';
import { LIST_CONFIG_RESOURCES } from './apis/74-list-config-resources.ts';
import { DESCRIBE_TOPIC_PARTITIONS } from './apis/75-describe-topic-partitions.ts';
import type { ApiSchema } from './schema.ts';

/** The schema of each API, by its key, in the order of the keys. */
export const API_SCHEMAS = {
  0: PRODUCE,
  1: FETCH,
  2: LIST_OFFSETS,
  3: METADATA,
  8: OFFSET_COMMIT,
  9: OFFSET_FETCH,
  10: FIND_COORDINATOR,
  11: JOIN_GROUP,
  12: HEARTBEAT,
  13: LEAVE_GROUP,
  14: SYNC_GROUP,
  15: DESCRIBE_GROUPS,
  16: LIST_GROUPS,
  17: SASL_HANDSHAKE,
  18: API_VERSIONS,
  19: CREATE_TOPICS,
  20: DELETE_TOPICS,
  21: DELETE_RECORDS,
  22: INIT_PRODUCER_ID,
  23: OFFSET_FOR_LEADER_EPOCH,
  24: ADD_PARTITIONS_TO_TXN,
  25: ADD_OFFSETS_TO_TXN,
  26: END_TXN,
  28: TXN_OFFSET_COMMIT,
  29: DESCRIBE_ACLS,
  30: CREATE_ACLS,
  31: DELETE_ACLS,
  32: DESCRIBE_CONFIGS,
  33: ALTER_CONFIGS,
  35: DESCRIBE_LOG_DIRS,
  36: SASL_AUTHENTICATE,
  37: CREATE_PARTITIONS,
  42: DELETE_GROUPS,
  44: INCREMENTAL_ALTER_CONFIGS,
  47: OFFSET_DELETE,
  60: DESCRIBE_CLUSTER,
  61: DESCRIBE_PRODUCERS,
  65: DESCRIBE_TRANSACTIONS,
  66: LIST_TRANSACTIONS,
  68: CONSUMER_GROUP_HEARTBEAT,
  69: CONSUMER_GROUP_DESCRIBE,
  74: LIST_CONFIG_RESOURCES,
  75: DESCRIBE_TOPIC_PARTITIONS,
} as const satisfies Readonly<Record<number, ApiSchema>>;

const byKey: ReadonlyMap<number, ApiSchema> = new Map(
  Object.values(API_SCHEMAS).map((schema) => [schema.apiKey, schema]),
);

/** The schema of the API of a key; undefined: there is none. */
export const apiSchemaOf = (apiKey: number): ApiSchema | undefined => byKey.get(apiKey);
