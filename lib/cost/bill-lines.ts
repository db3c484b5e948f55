// The lines of a bill: amounts of a month at their prices, in the order of the services.
import { HTTP_API_FIRST_TIER, PRICES } from './prices.ts';
import type { Tally } from './tally.ts';

/** One line: `usd` is `quantity` times `usdPerUnit`. */
export interface BillLine {
  readonly service: string;
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
  readonly usdPerUnit: number;
  readonly usd: number;
}

type PriceName = keyof typeof PRICES;
type Row = readonly [service: string, item: string, price: PriceName, amount: (month: Tally) => number];

const amountOf =
  (...names: readonly string[]) =>
  (month: Tally): number =>
    names.reduce((total, name) => total + (month.get(name) ?? 0), 0);

const GIB = 2 ** 30;
const apiUnits = amountOf('apiUnits/produce', 'apiUnits/consume');

const ROWS: readonly Row[] = [
  ['DynamoDB', 'writes: heads', 'writeUnit', amountOf('writeUnits/heads')],
  ['DynamoDB', 'writes: log-index', 'writeUnit', amountOf('writeUnits/log-index')],
  ['DynamoDB', 'writes: objects', 'writeUnit', amountOf('writeUnits/objects')],
  ['DynamoDB', 'writes: producers', 'writeUnit', amountOf('writeUnits/producers')],
  ['DynamoDB', 'writes: topics', 'writeUnit', amountOf('writeUnits/topics')],
  ['DynamoDB', 'writes: groups', 'writeUnit', amountOf('writeUnits/groups')],
  ['DynamoDB', 'writes: offsets', 'writeUnit', amountOf('writeUnits/offsets')],
  ['DynamoDB', 'reads', 'readUnit', amountOf('readUnits')],
  ['DynamoDB', 'storage', 'tableStorage', amountOf('storedGib/tables')],
  ['DynamoDB', 'point-in-time recovery', 'pointInTimeRecovery', amountOf('storedGib/tables')],
  ['S3', 'PUT: batches', 'put', amountOf('puts/hot')],
  ['S3', 'PUT: segments', 'put', amountOf('puts/segments')],
  ['S3', 'GET', 'get', amountOf('gets')],
  ['S3', 'storage: segments', 'objectStorage', amountOf('storedGib/segments')],
  ['S3', 'storage: batches for 14 days', 'objectStorage', amountOf('storedGib/hot')],
  ...(['produce', 'consume', 'seal', 'sweep'] as const).flatMap((name): readonly Row[] => [
    ['Lambda', `${name}: requests`, 'lambdaRequest', amountOf(`lambdaRequests/${name}`)],
    ['Lambda', `${name}: duration`, 'lambdaDuration', amountOf(`lambdaGbSeconds/${name}`)],
  ]),
  ['API Gateway', 'HTTP API', 'httpApi', (month) => Math.min(apiUnits(month), HTTP_API_FIRST_TIER)],
  [
    'API Gateway',
    'HTTP API beyond 300 million',
    'httpApiBeyond',
    (month) => Math.max(0, apiUnits(month) - HTTP_API_FIRST_TIER),
  ],
  ['Fargate', 'processors', 'fargateProcessor', amountOf('fargateProcessorHours')],
  ['Fargate', 'memory', 'fargateMemory', amountOf('fargateMemoryHours')],
  ['Network', 'public addresses of tasks', 'publicAddress', amountOf('publicAddressHours')],
  ['Network', 'load balancer', 'balancer', amountOf('balancerHours')],
  ['Network', 'load balancer: capacity', 'balancerUnit', amountOf('balancerUnitHours')],
  ['Secrets', 'users', 'secret', amountOf('secrets')],
  ['Secrets', 'users: reads', 'secretRequest', amountOf('secretRequests')],
  ['CloudWatch', 'alarms', 'alarmMetric', amountOf('alarmMetrics')],
  ['CloudWatch', 'metrics', 'customMetric', amountOf('customMetrics')],
  ['CloudWatch', 'logs', 'logIngest', (month) => amountOf('logBytes')(month) / GIB],
  ['CloudWatch', 'logs kept', 'logStorage', amountOf('storedGib/logs')],
];

/** The lines of what was used; none for what was not. */
export function billLines(month: Tally): readonly BillLine[] {
  return ROWS.flatMap(([service, item, price, amount]) => {
    const quantity = amount(month);
    const { usd, per } = PRICES[price];
    return quantity === 0
      ? []
      : [{ service, item, quantity, unit: per, usdPerUnit: usd, usd: quantity * usd }];
  });
}

/** What lines come to. */
export const totalUsd = (lines: readonly BillLine[]): number =>
  lines.reduce((total, { usd }) => total + usd, 0);
