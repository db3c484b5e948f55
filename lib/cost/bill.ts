// The bill of a load's month: lines and totals, what was assumed, what is to be known of it, and what others charge.
import { GROUP_LIMITS } from '../groups/limits.ts';
import { AWS_LIMITS } from '../log/limits.ts';
import { ASSUMED, DEPLOYED, FETCH, GATEWAY } from './assumptions.ts';
import { billLines, totalUsd, type BillLine } from './bill-lines.ts';
import { countMonth, type Month } from './count-month.ts';
import { MONTH_HOURS, type Load } from './load.ts';
import { notesOf } from './notes.ts';
import { peersOf, type Peer } from './peers.ts';
import { PRICES } from './prices.ts';
import { formatSeconds } from './quantities.ts';

/** What `wadi cost --json` prints. All amounts are of a month and in US dollars at list price. */
export interface Bill {
  readonly load: Load;
  readonly region: 'us-east-1';
  readonly monthHours: number;
  /** What is paid while nobody produces or consumes. */
  readonly idle: readonly BillLine[];
  /** What traffic adds. */
  readonly traffic: readonly BillLine[];
  /** What a consumer group adds that has nothing to read. */
  readonly group: readonly BillLine[];
  /** What the tasks of a Kafka gateway add. */
  readonly gateway: readonly BillLine[];
  readonly idleUsd: number;
  readonly trafficUsd: number;
  readonly groupUsd: number;
  readonly gatewayUsd: number;
  readonly totalUsd: number;
  readonly records: number;
  /** Traffic alone; undefined at rest. */
  readonly usdPerMillionRecords?: number;
  readonly sample: Month['sample'];
  /** Limits that the load meets. */
  readonly notes: readonly string[];
  readonly assumptions: readonly string[];
  readonly peers: readonly Peer[];
  readonly sources: readonly Source[];
}

/** A source of prices, and its date. */
export interface Source {
  readonly of: string;
  readonly source: string;
  readonly date: string;
}

type Two = readonly [readonly BillLine[], readonly BillLine[]];

/** Counts a load's month and prices it. The same load has the same bill. */
export async function billOf(load: Load): Promise<Bill> {
  const month = await countMonth(load);
  const [idle, traffic]: Two = [billLines(month.atRest), billLines(month.traffic)];
  const [group, gateway]: Two = [billLines(month.group), billLines(month.gateway)];
  const [idleUsd, trafficUsd] = [totalUsd(idle), totalUsd(traffic)];
  const [groupUsd, gatewayUsd] = [totalUsd(group), totalUsd(gateway)];
  return {
    ...{ load, region: 'us-east-1', monthHours: MONTH_HOURS, idle, traffic, group, gateway },
    ...{ idleUsd, trafficUsd, groupUsd, gatewayUsd },
    totalUsd: idleUsd + trafficUsd + groupUsd + gatewayUsd,
    records: month.records,
    ...(month.records > 0 && { usdPerMillionRecords: (trafficUsd / month.records) * 1e6 }),
    sample: month.sample,
    notes: notesOf(load, month),
    assumptions: assumptionsOf(load),
    peers: peersOf(load),
    sources: sourcesOf([...idle, ...traffic, ...group, ...gateway]),
  };
}

function assumptionsOf({
  consumers,
  pollSeconds,
  bytesPerSecond,
  retentionSeconds,
  groupMembers,
  gatewayTasks,
}: Load): readonly string[] {
  const {
    memoryMb: { produce, consume, seal, sweep },
  } = DEPLOYED;
  const asking =
    pollSeconds === undefined
      ? `waits in long polls of ${FETCH.waitMs / 1_000} s`
      : `asks every ${formatSeconds(pollSeconds)} without waiting`;
  const hotDays = AWS_LIMITS.hotExpiryMs / 86_400_000;
  return [
    `DynamoDB answers in ${ASSUMED.itemRequestMs} ms, a transaction in ${ASSUMED.transactionMs} ms, S3 in ${ASSUMED.objectRequestMs} ms and ${ASSUMED.objectMegabyteMs} ms more for each MB`,
    `a function computes for ${ASSUMED.workMs} ms and ${ASSUMED.workMegabyteMs} ms more for each MB, and starts in ${ASSUMED.startMs} ms; its duration follows from both`,
    `functions have ${produce} MB (produce), ${consume} MB (consume), ${seal} MB (seal) and ${sweep} MB (sweep)`,
    `an invocation logs ${ASSUMED.invocationLogBytes} B and the API ${ASSUMED.accessLogBytes} B, kept for ${DEPLOYED.logRetentionDays} days`,
    'producers send one batch a request, at random times, as base64 in JSON, without producer ids',
    ...(consumers > 0 && bytesPerSecond > 0
      ? [`each consumer follows each partition by requests of its own and ${asking}`]
      : []),
    ...(groupMembers > 0
      ? [
          `members of the group are clients in the account, each a process by itself, and beat every ${GROUP_LIMITS.consumerHeartbeatIntervalMs / 1_000} s; their asking for records is not in it`,
        ]
      : []),
    ...(gatewayTasks > 0
      ? [
          `the gateway has ${gatewayTasks} tasks of ${GATEWAY.processors} processors and ${GATEWAY.memoryGib} GB all month, and what passes between zones is not in it; the traffic is priced as if it came over HTTP, and costs less of Lambda and API through the gateway`,
        ]
      : []),
    `records are kept for ${formatSeconds(retentionSeconds)} in segments, as in a version that deletes them then; what they were made of, for ${hotDays} d`,
    'list prices of the first tier; no free tier, no data transfer to the internet',
  ];
}

/** Where the prices of these lines are from. */
function sourcesOf(lines: readonly BillLine[]): readonly Source[] {
  const sources = new Map<string, Source>();
  for (const { service, unit, usdPerUnit } of lines) {
    const price = Object.values(PRICES).find(({ usd, per }) => usd === usdPerUnit && per === unit);
    if (price) sources.set(price.source, { of: service, source: price.source, date: price.date });
  }
  return [...sources.values()];
}
