// The topic configs of Kafka 4.2 as data: types, defaults, limits, and which of them Wadi acts on.
// Source: the list of topic configs in the documentation of Apache Kafka 4.2, and the validators of its LogConfig.
import type { TopicConfig } from './topic.ts';

/** One topic config. A value must have the type and keep every limit that is given. */
export interface ConfigDefinition {
  readonly name: string;
  readonly type: TopicConfig['type'];
  readonly defaultValue: string;
  /** Inclusive; default: those of the type. */
  readonly min?: number;
  readonly max?: number;
  /** A number that is allowed though it is out of the range. */
  readonly orValue?: number;
  /** For strings, and for each element of a list. */
  readonly validValues?: readonly string[];
  /** For each element of a list, with the words that explain it. */
  readonly elements?: { readonly pattern: RegExp; readonly meaning: string };
  /** `stored`: checked, kept and described for clients and tools that set it, without effect on the log. */
  readonly effect: 'acted-on' | 'stored';
  readonly documentation: string;
}

/** Java's Long.MAX_VALUE, with which Kafka says "without limit". */
export const LONG_MAX = '9223372036854775807';

/** Values longer than this are refused: no config of Kafka comes near, and an item of the store is limited. */
export const CONFIG_VALUE_CHARS_MAX = 8192;

const DAY_MS = '86400000';
const WEEK_MS = '604800000';

const THROTTLED_REPLICAS = {
  pattern: /^(\*|\d+:\d+)$/,
  meaning: '<partition>:<broker id>, or * for all',
};

const CLEANUP: readonly ConfigDefinition[] = [
  {
    name: 'cleanup.policy',
    type: 'list',
    defaultValue: 'delete',
    validValues: ['compact', 'delete'],
    effect: 'stored',
    documentation:
      'What becomes of old records: delete them by age and size, compact to the last record of each key, both, or (empty) keep all.',
  },
  {
    name: 'delete.retention.ms',
    type: 'long',
    defaultValue: DAY_MS,
    min: 0,
    effect: 'stored',
    documentation:
      'How long compaction keeps a tombstone, so that a reader from the start still sees the deletion.',
  },
  {
    name: 'max.compaction.lag.ms',
    type: 'long',
    defaultValue: LONG_MAX,
    min: 1,
    effect: 'stored',
    documentation: 'The longest time that a record may wait for compaction.',
  },
  {
    name: 'min.cleanable.dirty.ratio',
    type: 'double',
    defaultValue: '0.5',
    min: 0,
    max: 1,
    effect: 'stored',
    documentation: 'The share of not yet compacted bytes from which compaction is worth its work.',
  },
  {
    name: 'min.compaction.lag.ms',
    type: 'long',
    defaultValue: '0',
    min: 0,
    effect: 'stored',
    documentation: 'The time for which every record is safe from compaction.',
  },
  {
    name: 'retention.bytes',
    type: 'long',
    defaultValue: '-1',
    effect: 'stored',
    documentation:
      'The size of a partition beyond which its oldest segments are deleted; negative: without limit.',
  },
  {
    name: 'retention.ms',
    type: 'long',
    defaultValue: WEEK_MS,
    min: -1,
    effect: 'stored',
    documentation: 'The age beyond which segments are deleted; -1: without limit.',
  },
];

const RECORDS: readonly ConfigDefinition[] = [
  {
    name: 'compression.gzip.level',
    type: 'int',
    defaultValue: '-1',
    min: 1,
    max: 9,
    orValue: -1,
    effect: 'stored',
    documentation: "The effort of gzip where compression.type is gzip; -1: the codec's own default.",
  },
  {
    name: 'compression.lz4.level',
    type: 'int',
    defaultValue: '9',
    min: 1,
    max: 17,
    effect: 'stored',
    documentation: 'The effort of LZ4 where compression.type is lz4.',
  },
  {
    name: 'compression.type',
    type: 'string',
    defaultValue: 'producer',
    validValues: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
    effect: 'stored',
    documentation:
      'The codec of stored record batches. Wadi always keeps batches as the producer compressed them.',
  },
  {
    name: 'compression.zstd.level',
    type: 'int',
    defaultValue: '3',
    min: -131072,
    max: 22,
    effect: 'stored',
    documentation: 'The effort of Zstandard where compression.type is zstd.',
  },
  {
    name: 'max.decompressed.message.bytes',
    type: 'int',
    defaultValue: '2147483639',
    min: 1,
    max: 2147483639,
    effect: 'stored',
    documentation: 'The largest record, decompressed, that is accepted. Wadi has one bound for all topics.',
  },
  {
    name: 'max.message.bytes',
    type: 'int',
    defaultValue: '1048588',
    min: 0,
    effect: 'acted-on',
    documentation: 'The largest record batch, as the producer compressed it, that is accepted.',
  },
  {
    name: 'message.timestamp.after.max.ms',
    type: 'long',
    defaultValue: '3600000',
    min: 0,
    effect: 'acted-on',
    documentation: 'How far in the future the timestamp of a record may lie, where producers set it.',
  },
  {
    name: 'message.timestamp.before.max.ms',
    type: 'long',
    defaultValue: LONG_MAX,
    min: 0,
    effect: 'acted-on',
    documentation: 'How far in the past the timestamp of a record may lie, where producers set it.',
  },
  {
    name: 'message.timestamp.type',
    type: 'string',
    defaultValue: 'CreateTime',
    validValues: ['CreateTime', 'LogAppendTime'],
    effect: 'acted-on',
    documentation: 'Whether records carry the time their producer gave them or that of the append.',
  },
];

const SEGMENTS: readonly ConfigDefinition[] = [
  {
    name: 'file.delete.delay.ms',
    type: 'long',
    defaultValue: '60000',
    min: 0,
    effect: 'stored',
    documentation: 'How long a deleted segment stays in the file system.',
  },
  {
    name: 'flush.messages',
    type: 'long',
    defaultValue: LONG_MAX,
    min: 1,
    effect: 'stored',
    documentation:
      'After how many records the log is forced to disk. Wadi answers a produce only when it is durable.',
  },
  {
    name: 'flush.ms',
    type: 'long',
    defaultValue: LONG_MAX,
    min: 0,
    effect: 'stored',
    documentation:
      'After what time the log is forced to disk. Wadi answers a produce only when it is durable.',
  },
  {
    name: 'index.interval.bytes',
    type: 'int',
    defaultValue: '4096',
    min: 0,
    effect: 'stored',
    documentation: 'The distance of the entries of an offset index.',
  },
  {
    name: 'preallocate',
    type: 'boolean',
    defaultValue: 'false',
    effect: 'stored',
    documentation: 'Whether a new segment file takes its whole size at once.',
  },
  {
    name: 'segment.bytes',
    type: 'int',
    defaultValue: '1073741824',
    min: 1024 * 1024,
    effect: 'stored',
    documentation: 'The size at which a segment is full.',
  },
  {
    name: 'segment.index.bytes',
    type: 'int',
    defaultValue: '10485760',
    min: 4,
    effect: 'stored',
    documentation: "The room for a segment's offset index.",
  },
  {
    name: 'segment.jitter.ms',
    type: 'long',
    defaultValue: '0',
    min: 0,
    effect: 'stored',
    documentation:
      'The longest random time by which a segment ends early, so that not all end at the same moment.',
  },
  {
    name: 'segment.ms',
    type: 'long',
    defaultValue: WEEK_MS,
    min: 1,
    effect: 'stored',
    documentation: 'The age at which a segment ends though it is not full.',
  },
];

const REPLICAS: readonly ConfigDefinition[] = [
  {
    name: 'follower.replication.throttled.replicas',
    type: 'list',
    defaultValue: '',
    elements: THROTTLED_REPLICAS,
    effect: 'stored',
    documentation: 'Which followers copy at a limited rate. The storage below Wadi replicates by itself.',
  },
  {
    name: 'leader.replication.throttled.replicas',
    type: 'list',
    defaultValue: '',
    elements: THROTTLED_REPLICAS,
    effect: 'stored',
    documentation:
      'Which leaders are copied from at a limited rate. The storage below Wadi replicates by itself.',
  },
  {
    name: 'min.insync.replicas',
    type: 'int',
    defaultValue: '1',
    min: 1,
    effect: 'stored',
    documentation:
      'How many replicas must have a record before acks=all is answered. Wadi answers when the storage has it.',
  },
  {
    name: 'unclean.leader.election.enable',
    type: 'boolean',
    defaultValue: 'false',
    effect: 'stored',
    documentation: 'Whether a replica that lags may lead, at the price of records. Wadi has no leaders.',
  },
];

const TIERS: readonly ConfigDefinition[] = [
  {
    name: 'local.retention.bytes',
    type: 'long',
    defaultValue: '-2',
    min: -2,
    effect: 'stored',
    documentation: 'The part of a partition kept on local disks with tiered storage; -2: as retention.bytes.',
  },
  {
    name: 'local.retention.ms',
    type: 'long',
    defaultValue: '-2',
    min: -2,
    effect: 'stored',
    documentation:
      'The age up to which records are kept on local disks with tiered storage; -2: as retention.ms.',
  },
  {
    name: 'remote.log.copy.disable',
    type: 'boolean',
    defaultValue: 'false',
    effect: 'stored',
    documentation: 'Whether tiered storage takes no further segments of the topic.',
  },
  {
    name: 'remote.log.delete.on.disable',
    type: 'boolean',
    defaultValue: 'false',
    effect: 'stored',
    documentation: 'Whether leaving tiered storage deletes what is in it.',
  },
  {
    name: 'remote.storage.enable',
    type: 'boolean',
    defaultValue: 'false',
    effect: 'stored',
    documentation:
      "Whether the topic uses tiered storage. Wadi's segments are in the object store either way.",
  },
];

/** All topic configs, in the order of their names. */
export const CONFIG_DEFINITIONS: readonly ConfigDefinition[] = [
  ...CLEANUP,
  ...RECORDS,
  ...SEGMENTS,
  ...REPLICAS,
  ...TIERS,
].sort((a, b) => (a.name < b.name ? -1 : 1));
