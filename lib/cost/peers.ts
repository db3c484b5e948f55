// What the same load costs elsewhere at list price: by formulas, as their prices are by throughput and not by request.
import { MONTH_HOURS, MONTH_SECONDS, type Load } from './load.ts';
import { PEER_PRICES } from './prices.ts';

/** The month at one service. */
export interface Peer {
  readonly name: string;
  /** While nobody produces or consumes. */
  readonly idleUsd: number;
  /** Rest included. */
  readonly totalUsd: number;
  readonly note: string;
  readonly source: string;
  readonly date: string;
}

const GIB = 2 ** 30;
const KIB = 1_024;
const DAY_SECONDS = 86_400;
/** A shard takes 1 MiB and 1,000 records in, and gives 2 MiB out, a second (Kinesis quotas). */
const SHARD = { bytesIn: 2 ** 20, recordsIn: 1_000, bytesOut: 2 ** 21 } as const;
/** A partition of MSK Serverless takes so much a second (its quotas). */
const MSK_PARTITION_BYTES = 5e6;

/** In the order of a table. */
export function peersOf(load: Load): readonly Peer[] {
  return [kinesisOnDemand(load), kinesisProvisioned(load), mskServerless(load), warpStream(load)];
}

const gibWritten = ({ bytesPerSecond }: Load): number => (bytesPerSecond * MONTH_SECONDS) / GIB;
const gibRead = (load: Load): number => gibWritten(load) * load.consumers;
const recordsPerSecond = ({ bytesPerSecond, recordBytes }: Load): number => bytesPerSecond / recordBytes;
const gibStored = ({ bytesPerSecond }: Load, seconds: number): number =>
  (bytesPerSecond * Math.max(0, seconds)) / GIB;

/** Kinesis bills what is kept longer than a day; the price of what is kept longer than a week is not among ours. */
const extraSeconds = ({ retentionSeconds }: Load): number =>
  Math.min(retentionSeconds, 7 * DAY_SECONDS) - DAY_SECONDS;

const retentionNote = ({ retentionSeconds }: Load): string =>
  retentionSeconds > 7 * DAY_SECONDS ? '; retention beyond 7 days not included' : '';

function kinesisOnDemand(load: Load): Peer {
  const { kinesisStreamHour, kinesisIn, kinesisOut, kinesisRetention } = PEER_PRICES;
  const idleUsd = kinesisStreamHour.usd * MONTH_HOURS;
  const billedBytes = Math.ceil(load.recordBytes / KIB) * KIB;
  const gibIn = (recordsPerSecond(load) * billedBytes * MONTH_SECONDS) / GIB;
  const usd =
    gibIn * kinesisIn.usd +
    gibRead(load) * kinesisOut.usd +
    gibStored(load, extraSeconds(load)) * kinesisRetention.usd;
  return {
    ...{ name: 'Kinesis Data Streams, on demand', idleUsd, totalUsd: idleUsd + usd },
    note: `one stream; each record rounded up to 1 KiB${retentionNote(load)}`,
    ...sourceOf(kinesisStreamHour),
  };
}

function kinesisProvisioned(load: Load): Peer {
  const { kinesisShardHour, kinesisPutUnit, kinesisShardRetentionHour } = PEER_PRICES;
  const { bytesPerSecond, consumers, recordBytes } = load;
  const shards = Math.max(
    1,
    Math.ceil(bytesPerSecond / SHARD.bytesIn),
    Math.ceil(recordsPerSecond(load) / SHARD.recordsIn),
    Math.ceil((bytesPerSecond * consumers) / SHARD.bytesOut),
  );
  const shardHourUsd = kinesisShardHour.usd + (extraSeconds(load) > 0 ? kinesisShardRetentionHour.usd : 0);
  const putUnits = recordsPerSecond(load) * MONTH_SECONDS * Math.ceil(recordBytes / (25 * KIB));
  return {
    name: 'Kinesis Data Streams, provisioned',
    idleUsd: shardHourUsd * MONTH_HOURS,
    totalUsd: shardHourUsd * shards * MONTH_HOURS + putUnits * kinesisPutUnit.usd,
    note: `${shards} ${shards === 1 ? 'shard' : 'shards'}, filled to the brim; at rest one${retentionNote(load)}`,
    ...sourceOf(kinesisShardHour),
  };
}

function mskServerless(load: Load): Peer {
  const { mskClusterHour, mskPartitionHour, mskIn, mskOut, mskStorage } = PEER_PRICES;
  const partitions = Math.max(load.partitions, Math.ceil(load.bytesPerSecond / MSK_PARTITION_BYTES));
  const idleUsd = (mskClusterHour.usd + partitions * mskPartitionHour.usd) * MONTH_HOURS;
  const usd =
    gibWritten(load) * mskIn.usd +
    gibRead(load) * mskOut.usd +
    gibStored(load, load.retentionSeconds) * mskStorage.usd;
  return {
    ...{ name: 'MSK Serverless', idleUsd, totalUsd: idleUsd + usd },
    note: `one cluster, ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`,
    ...sourceOf(mskClusterHour),
  };
}

function warpStream(load: Load): Peer {
  const { warpstreamQuarterHour, warpstreamIn, warpstreamStorage } = PEER_PRICES;
  const clusterUsd = warpstreamQuarterHour.usd * 4 * MONTH_HOURS;
  const usd =
    gibWritten(load) * warpstreamIn.usd + gibStored(load, load.retentionSeconds) * warpstreamStorage.usd;
  return {
    name: 'WarpStream BYOC, Dev cluster',
    idleUsd: clusterUsd,
    totalUsd: clusterUsd + usd,
    note: 'your own agents, S3 and network come on top; nothing at rest where no agent runs',
    ...sourceOf(warpstreamQuarterHour),
  };
}

const sourceOf = ({ source, date }: { readonly source: string; readonly date: string }) => ({ source, date });
