// `wadi cost`: what a month on AWS costs, by running the real log over stores that count.
import { billOf } from '../cost/bill.ts';
import { formatBill } from '../cost/format-bill.ts';
import { LOAD_DEFAULTS, LOAD_LIMITS, type Load } from '../cost/load.ts';
import {
  formatBytes,
  formatSeconds,
  parseBytes,
  parseBytesPerSecond,
  parseSeconds,
} from '../cost/quantities.ts';
import { usageError } from './exit.ts';
import { write, type Terminal } from './terminal.ts';

/** As they were typed. */
export interface CostOptions {
  readonly rate: string;
  readonly batch: string;
  readonly recordBytes?: string;
  readonly partitions?: string;
  readonly consumers?: string;
  readonly poll?: string;
  readonly retention?: string;
  readonly groupMembers?: string;
  readonly gatewayTasks?: string;
  readonly json?: boolean;
}

/** Prints the bill, or one line of JSON. Throws a usage error that names the option and its limits. */
export async function cost(terminal: Terminal, options: CostOptions): Promise<void> {
  const bill = await billOf(readLoad(options));
  const text = options.json ? JSON.stringify(bill) : formatBill(bill).join('\n');
  await write(terminal.stdout, `${text}\n`);
}

function readLoad(options: CostOptions): Load {
  const batchBytes = Math.floor(read('batch', options.batch, BYTES, LOAD_LIMITS.batchBytes));
  const { min } = LOAD_LIMITS.recordBytes;
  return {
    bytesPerSecond: read('rate', options.rate, RATE, LOAD_LIMITS.bytesPerSecond),
    batchBytes,
    recordBytes:
      options.recordBytes === undefined
        ? Math.min(LOAD_DEFAULTS.recordBytes, batchBytes)
        : Math.floor(read('record-bytes', options.recordBytes, BYTES, { min, max: batchBytes })),
    partitions: readCount('partitions', options.partitions),
    consumers: readCount('consumers', options.consumers),
    pollSeconds:
      options.poll === undefined ? undefined : read('poll', options.poll, DURATION, LOAD_LIMITS.pollSeconds),
    retentionSeconds:
      options.retention === undefined
        ? LOAD_DEFAULTS.retentionSeconds
        : read('retention', options.retention, DURATION, LOAD_LIMITS.retentionSeconds),
    gatewayTasks:
      options.gatewayTasks === undefined
        ? LOAD_DEFAULTS.gatewayTasks
        : read('gateway-tasks', options.gatewayTasks, COUNT, LOAD_LIMITS.gatewayTasks),
    groupMembers:
      options.groupMembers === undefined
        ? LOAD_DEFAULTS.groupMembers
        : read('group-members', options.groupMembers, COUNT, LOAD_LIMITS.groupMembers),
  };
}

/** How a kind of number is written, read and printed. */
interface Kind {
  readonly example: string;
  readonly parse: (text: string) => number | undefined;
  readonly format: (value: number) => string;
}

const BYTES: Kind = { example: 'a size such as 100KB or 1MiB', parse: parseBytes, format: formatBytes };
const RATE: Kind = {
  example: 'a rate such as 1MB/s or 10GB/d',
  parse: parseBytesPerSecond,
  format: (value) => `${formatBytes(value)}/s`,
};
const DURATION: Kind = {
  example: 'a duration such as 30s, 5m, 1h or 7d',
  parse: parseSeconds,
  format: formatSeconds,
};
const COUNT: Kind = {
  example: 'a whole number',
  parse: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  format: String,
};

function readCount(name: 'partitions' | 'consumers', text: string | undefined): number {
  return text === undefined ? LOAD_DEFAULTS[name] : read(name, text, COUNT, LOAD_LIMITS[name]);
}

function read(
  option: string,
  text: string,
  { example, parse, format }: Kind,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = parse(text);
  if (value !== undefined && value >= min && value <= max) return value;
  throw usageError(`--${option} must be ${example} from ${format(min)} to ${format(max)}, got "${text}"`);
}
