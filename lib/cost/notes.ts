// What is to be known beside a bill: the limits that the load meets, and what to do about each.
import { TOPIC_LIMITS } from '../topics/limits.ts';
import { DEPLOYED, KEY_WRITE_UNITS_PER_SECOND } from './assumptions.ts';
import { MONTH_SECONDS, type Load } from './load.ts';
import { formatBytes } from './quantities.ts';
import type { Month } from './count-month.ts';

type Notes = readonly string[];

/** Sentences, none where the load meets no limit. */
export function notesOf(load: Load, month: Month): Notes {
  return [
    ...partitionNotes(load, month),
    ...consumerNotes(load, month),
    ...deploymentNotes(load, month),
    ...patienceNotes(load),
  ];
}

const whole = (amount: number): string => Math.ceil(amount).toLocaleString('en-US');

/** What one partition takes: the write units of its keys in DynamoDB, and what one sealer gets through. */
function partitionNotes({ partitions, batchBytes }: Load, month: Month): Notes {
  const { appendsPerSecond, headUnits, indexUnits, sample } = month;
  const busiestKey = appendsPerSecond * Math.max(headUnits, indexUnits);
  const byUnits = Math.ceil((busiestKey / KEY_WRITE_UNITS_PER_SECOND) * partitions);
  const byPace = Math.ceil((appendsPerSecond / sample.appendsPerSecond) * partitions);
  const needed = Math.max(byUnits, byPace);
  if (needed <= partitions || sample.appends === 0) return [];
  const why =
    busiestKey > KEY_WRITE_UNITS_PER_SECOND
      ? `DynamoDB takes ${whole(KEY_WRITE_UNITS_PER_SECOND)} write units a second for one partition, and this load needs ${whole(busiestKey)}`
      : `one partition was counted at ${formatBytes(sample.appendsPerSecond * batchBytes)}/s, and this load has ${formatBytes(appendsPerSecond * batchBytes)}/s`;
  const topics =
    needed > TOPIC_LIMITS.partitionsMax
      ? `, which is more than a topic's ${whole(TOPIC_LIMITS.partitionsMax)}`
      : '';
  return [
    `${why}: spread it over at least ${whole(needed)} partitions${topics}. The bill is that of a load so spread.`,
  ];
}

function consumerNotes({ bytesPerSecond, partitions }: Load, { consumerBytesPerSecondMax }: Month): Notes {
  if (consumerBytesPerSecondMax === undefined) return [];
  const needed = whole(bytesPerSecond / consumerBytesPerSecondMax);
  return [
    `a consumer reads ${formatBytes(consumerBytesPerSecondMax)}/s of a partition, and ${formatBytes(bytesPerSecond / partitions)}/s are written: it falls behind on fewer than ${needed} partitions.`,
  ];
}

/** What infra/ limits unless told otherwise. */
function deploymentNotes({ partitions }: Load, month: Month): Notes {
  const { tableWriteUnitsPerSecond, apiRequestsPerSecond } = DEPLOYED;
  const units = Math.max(
    ...['heads', 'log-index', 'objects'].map(
      (table) => (month.traffic.get(`writeUnits/${table}`) ?? 0) / MONTH_SECONDS,
    ),
  );
  const requests =
    month.appendsPerSecond * partitions + (month.traffic.get('lambdaRequests/consume') ?? 0) / MONTH_SECONDS;
  return [
    ...(units > tableWriteUnitsPerSecond
      ? [
          `a table takes ${whole(units)} write units a second, and a deployment allows ${whole(tableWriteUnitsPerSecond)}: raise \`throughput\` of EventLog.`,
        ]
      : []),
    ...(requests > apiRequestsPerSecond
      ? [
          `the API takes ${whole(requests)} requests a second, and a deployment allows ${whole(apiRequestsPerSecond)}: raise \`apiThrottle\` of EventLog.`,
        ]
      : []),
  ];
}

function patienceNotes({ consumers, pollSeconds, bytesPerSecond }: Load): Notes {
  if (consumers === 0 || bytesPerSecond === 0 || pollSeconds !== undefined) return [];
  return [
    'consumers that wait keep a function running all the time; --poll prices those that ask now and then.',
  ];
}
