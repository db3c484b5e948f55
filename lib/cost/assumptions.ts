// What no count can tell: how long AWS's services take, and what they write of themselves. It is printed with every bill.

/** Of simulated services and functions. Times are in milliseconds, and billed as a function's duration. */
export const ASSUMED = {
  /** A request to DynamoDB from Lambda (github.com/alexdebrie/dynamodb-performance-testing: p50 7.55 ms). */
  itemRequestMs: 8,
  /** A transaction (the same source: 25.3 ms for five items). */
  transactionMs: 25,
  /** A request to S3, and what each MB of it adds. */
  objectRequestMs: 60,
  objectMegabyteMs: 20,
  /** What a function computes: for a request, and for each MB of records in it. */
  workMs: 5,
  workMegabyteMs: 20,
  /** The start of a process, which is billed too (three bundled AWS clients: about 375 ms). */
  startMs: 400,
  /** Waking another function. */
  wakeMs: 20,
  /** Lambda keeps an idle process for some minutes; it does not say how many. */
  keptMs: 5 * 60_000,
  /** A client's pause between two requests: the way there and back. */
  clientMs: 20,
  /** Lambda's lines of one invocation (start and report, as JSON), with a line of ours where there is one. */
  invocationLogBytes: 700,
  /** A line of the API's access log. */
  accessLogBytes: 550,
} as const;

/** What infra/ deploys unless told otherwise; test/cost/assumptions.test.ts holds it against the template. */
export const DEPLOYED = {
  memoryMb: { produce: 1_024, consume: 1_024, seal: 1_769, sweep: 1_769 },
  /** Metrics that alarms look at: each is billed. */
  alarmMetrics: 9,
  /** Metrics that functions write while all is well: the oldest unsealed age. */
  customMetrics: 1,
  apiRequestsPerSecond: 1_000,
  tableWriteUnitsPerSecond: 4_000,
  logRetentionDays: 30,
  /** Of what a process has read lately (functions/wiring.ts). */
  cacheBytesMax: 64 * 1024 * 1024,
} as const;

/** A task of the Kafka gateway as infra/ deploys it; test/cost/assumptions.test.ts holds it against the template. */
export const GATEWAY = {
  processors: 0.5,
  memoryGib: 2,
  /** How many connections there are, which the service scales by. */
  customMetrics: 1,
  /** Each of the two rules that scale it makes two alarms. */
  alarmMetrics: 4,
  /** functions/secret-users.ts and functions/gateway.ts. */
  usersReadEverySeconds: 60,
  metricEverySeconds: 60,
  metricLogBytes: 400,
  /** A capacity unit of a network load balancer is so much an hour (Elastic Load Balancing pricing). */
  balancerUnitGigabytes: 1,
} as const;

/** A consumer follows a partition as `wadi consume --follow` does, and functions/wiring.ts looks for records so often. */
export const FETCH = { bytesMax: 1024 * 1024, waitMs: 25_000, pollMsMin: 25, pollMsMax: 500 } as const;

/** JSON around a record's base64, in `POST /topics/{topic}` and in what reading a partition answers, and around them all. */
export const JSON_BYTES = { producedRecord: 13, consumedRecord: 80, body: 300 } as const;

/** DynamoDB gives one key so many write units a second (developer guide, "Designing partition keys"). */
export const KEY_WRITE_UNITS_PER_SECOND = 1_000;

/** DynamoDB's bill for storage adds this to each item (developer guide, "DynamoDB item sizes and formats"). */
export const ITEM_OVERHEAD_BYTES = 100;
