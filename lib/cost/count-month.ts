// The month of a load: stretches of it are run, and what they used is scaled up to 730 hours.
import { AWS_LIMITS } from '../log/limits.ts';
import { ASSUMED, DEPLOYED } from './assumptions.ts';
import { countAppends, countSweepAtRest } from './count-appends.ts';
import { countConsumer } from './count-consumer.ts';
import { countGateway } from './count-gateway.ts';
import { countGroup } from './count-group.ts';
import { MONTH_HOURS, MONTH_SECONDS, type Load } from './load.ts';
import { createSampleBatch, type SampleBatch } from './sample-batch.ts';
import { add, scale, sum, type Tally } from './tally.ts';

/** Amounts of a month, by the names that bill-lines.ts knows. */
export interface Month {
  /** While nobody produces or consumes. */
  readonly atRest: Tally;
  readonly traffic: Tally;
  /** Of a consumer group without records. */
  readonly group: Tally;
  /** Of the tasks of a Kafka gateway. */
  readonly gateway: Tally;
  readonly appends: number;
  readonly records: number;
  /** Of one partition. */
  readonly appendsPerSecond: number;
  /** Of one partition's head, and of its rows in the log index, for one append. */
  readonly headUnits: number;
  readonly indexUnits: number;
  /** What was really run. */
  readonly sample: Sample;
  /** Undefined where a consumer keeps up with a partition. */
  readonly consumerBytesPerSecondMax: number | undefined;
}

interface Sample {
  readonly appends: number;
  /** Of one partition; lower than the load's where that is more than one partition takes. */
  readonly appendsPerSecond: number;
}

/** Enough for many rolls and several segments, few enough to take a second or two and to stay in memory. */
const APPENDS_MAX = 2_000;
const APPENDS_MIN = 36;
const BYTES_MAX = 48e6;
const SECONDS_MAX = 200 * 3_600;

/** More than one partition takes for long: its key's write units, and what one sealer reads and writes at a time. */
const APPENDS_PER_SECOND_MAX = 400;
const BYTES_PER_SECOND_MAX = 25e6;
/** Appends that are further apart than this have nothing to do with each other. */
const PAUSE_SECONDS_MAX = 8 * 3_600;

/** A consumer that waits asks twice a second: an hour of it says enough. */
const CONSUMER_SECONDS_MAX = 3_600;
const CONSUMER_PAUSE_SECONDS_MAX = 600;
const CONSUMER_APPENDS_MAX = 1_000;

const DAY_SECONDS = 86_400;
const GIB = 2 ** 30;
/** Of the batch's records; any time before the simulation's will do. */
const RECORD_TIME_MS = Date.UTC(2025, 0, 1);

/** Runs the load's sample. The same load has the same month. */
export async function countMonth(load: Load): Promise<Month> {
  const [atRest, group] = [await countAtRest(load), await countGroup(load.groupMembers)];
  const gateway = countGatewayMonth(load);
  const batch = createSampleBatch(load, RECORD_TIME_MS);
  const appendsPerSecond = load.bytesPerSecond / batch.bytes.length / load.partitions;
  const sample = chooseSample(batch, appendsPerSecond);
  if (load.bytesPerSecond === 0) return monthAtRest({ atRest, group, gateway }, sample);
  const perAppend = await countAppends(batch, sample, await countSweepAtRest(1));
  const consumer = await countConsumers(load, batch, appendsPerSecond);
  const appends = appendsPerSecond * load.partitions * MONTH_SECONDS;
  const logStored = sum(perAppend, apiOf(batch));
  const used = sum(scale(logStored, appends), consumer.month);
  return {
    ...{ atRest, group, gateway },
    traffic: sum(used, storageOf(used, load.retentionSeconds), logStorageOf(used)),
    ...{ appends, appendsPerSecond, sample },
    records: appends * batch.records,
    headUnits: perAppend.get('writeUnits/heads') ?? 0,
    indexUnits: perAppend.get('writeUnits/log-index') ?? 0,
    consumerBytesPerSecondMax: consumer.bytesPerSecondMax,
  };
}

const monthAtRest = (standing: Pick<Month, 'atRest' | 'group' | 'gateway'>, sample: Sample): Month => ({
  ...{ ...standing, traffic: new Map<string, number>(), sample: { ...sample, appends: 0 } },
  ...{ appends: 0, records: 0, appendsPerSecond: 0, headUnits: 0, indexUnits: 0 },
  consumerBytesPerSecondMax: undefined,
});

function countGatewayMonth(load: Load): Tally {
  const used = countGateway(load);
  return sum(used, logStorageOf(used));
}

/** The hourly sweep, and what is billed for being there. */
async function countAtRest({ partitions }: Load): Promise<Tally> {
  const sweeps = scale(await countSweepAtRest(partitions), MONTH_HOURS);
  const standing = new Map<string, number>();
  add(standing, 'alarmMetrics', DEPLOYED.alarmMetrics);
  add(standing, 'customMetrics', DEPLOYED.customMetrics);
  return sum(sweeps, standing, logStorageOf(sweeps));
}

function chooseSample({ bytes }: SampleBatch, appendsPerSecond: number): Sample {
  const fastest = Math.min(APPENDS_PER_SECOND_MAX, BYTES_PER_SECOND_MAX / bytes.length);
  const rate = Math.max(1 / PAUSE_SECONDS_MAX, Math.min(fastest, appendsPerSecond));
  const most = Math.min(APPENDS_MAX, BYTES_MAX / bytes.length, SECONDS_MAX * rate);
  return { appends: Math.max(APPENDS_MIN, Math.floor(most)), appendsPerSecond: rate };
}

/** All consumers of all partitions: one of one is run. */
async function countConsumers(
  { consumers, partitions, pollSeconds }: Load,
  batch: SampleBatch,
  appendsPerSecond: number,
): Promise<{ readonly month: Tally; readonly bytesPerSecondMax: number | undefined }> {
  if (consumers === 0) return { month: new Map(), bytesPerSecondMax: undefined };
  const fastest = chooseSample(batch, appendsPerSecond);
  const rate = Math.max(1 / CONSUMER_PAUSE_SECONDS_MAX, fastest.appendsPerSecond);
  const most = Math.min(CONSUMER_APPENDS_MAX, BYTES_MAX / batch.bytes.length, CONSUMER_SECONDS_MAX * rate);
  const stretch = { appends: Math.max(1, Math.floor(most)), appendsPerSecond: rate };
  const { perSecond, bytesPerSecondMax } = await countConsumer(batch, stretch, { pollSeconds });
  // Where the load is more than was run, a consumer reads so much longer, or there are so many more of it.
  const factor = Math.max(1, appendsPerSecond / rate);
  return { month: scale(perSecond, MONTH_SECONDS * consumers * partitions * factor), bytesPerSecondMax };
}

/** Each append is a request to the API, with a line in its log. */
function apiOf({ produceUnits }: SampleBatch): Tally {
  return new Map([
    ['apiUnits/produce', produceUnits],
    ['logBytes', ASSUMED.accessLogBytes],
  ]);
}

/** What lies in the stores once as much goes as comes, in GiB. */
function storageOf(used: Tally, retentionSeconds: number): Tally {
  const gibOf = (name: string, seconds: number) => ((used.get(name) ?? 0) / MONTH_SECONDS / GIB) * seconds;
  const hotSeconds = AWS_LIMITS.hotExpiryMs / 1_000;
  return new Map([
    ['storedGib/segments', gibOf('segmentObjectBytes', retentionSeconds)],
    ['storedGib/hot', gibOf('hotObjectBytes', hotSeconds)],
    ['storedGib/tables', gibOf('hotItemBytes', hotSeconds) + gibOf('segmentItemBytes', retentionSeconds)],
  ]);
}

function logStorageOf(used: Tally): Tally {
  const perSecond = (used.get('logBytes') ?? 0) / MONTH_SECONDS;
  return new Map([['storedGib/logs', (perSecond * DEPLOYED.logRetentionDays * DAY_SECONDS) / GIB]]);
}
