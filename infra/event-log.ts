// The construct that deploys Wadi into an account: tables, bucket, functions, HTTP API, event stream and alarms.
import { RemovalPolicy } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType, InvokeMode, type FunctionUrl } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { apiResourcesOf, type Grant as GrantKind } from './constructs/api-routes.ts';
import { EventLogAlarms } from './constructs/event-log-alarms.ts';
import { EventLogApi } from './constructs/event-log-api.ts';
import { EventLogBucket } from './constructs/event-log-bucket.ts';
import { EventLogFunctions } from './constructs/event-log-functions.ts';
import { EventLogTables } from './constructs/event-log-tables.ts';
import {
  KafkaGateway,
  type KafkaGatewayContext,
  type KafkaGatewayProps,
} from './constructs/kafka-gateway.ts';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { FunctionName } from './constructs/function-rights.ts';

export interface EventLogProps {
  /** What becomes of tables and bucket when the construct goes. Default: they stay (RETAIN). */
  readonly removalPolicy?: RemovalPolicy;
  /** Whether DynamoDB refuses to delete the tables. Default: true, unless `removalPolicy` is DESTROY. */
  readonly deletionProtection?: boolean;
  /** Whether the tables can be restored to any second of the last 35 days, at $0.20 a GB and month. Default: true. */
  readonly pointInTimeRecovery?: boolean;
  /**
   * Encrypts tables and bucket; the stack must then name its region. Default: keys that AWS owns, which cost nothing.
   */
  readonly encryptionKey?: IKey;
  /**
   * A limit on what each table takes a second, and so on what can be spent. Default: 12,000 read and 4,000 write request
   * units, which is what DynamoDB gives a new table anyway.
   */
  readonly throughput?: {
    readonly maxReadRequestUnits?: number;
    readonly maxWriteRequestUnits?: number;
  };
  /** Requests a second of all callers together (default 1,000), and how many may come at once (default 2,000). */
  readonly apiThrottle?: { readonly rateLimit?: number; readonly burstLimit?: number };
  /**
   * Concurrent executions that only this function has, and no more than these. Default: 1 for `sweep`, so that nothing
   * else in the account can keep it from sealing, and that no two run at once. An account whose whole limit is 10 cannot
   * reserve any: pass `{}` there.
   */
  readonly reservedConcurrency?: Partial<Readonly<Record<FunctionName, number>>>;
  /** Memory of single functions, and with it their CPU. Default: 512 to 1,769 MB. */
  readonly memoryMb?: Partial<Readonly<Record<FunctionName, number>>>;
  /** How long the functions' logs and the access log are kept. Default: a month. */
  readonly logRetention?: RetentionDays;
  /** What the functions log: DEBUG has a line for each request. Default: INFO. */
  readonly logLevel?: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** Whether there are alarms, on nine metrics at $0.10 a month each. Default: true. */
  readonly alarms?: boolean;
  /** What the alarms do when they fire. Default: nothing, they only show it. */
  readonly alarmActions?: readonly IAlarmAction[];
}

const DEFAULTS = {
  maxReadRequestUnits: 12_000,
  maxWriteRequestUnits: 4_000,
  rateLimit: 1_000,
  burstLimit: 2_000,
  reservedConcurrency: { sweep: 1 },
} as const;

/** A Wadi installation. All access is by IAM: grant it with `grantProduce`, `grantConsume` and `grantAdmin`. */
export class EventLog extends Construct {
  readonly tables: EventLogTables;
  readonly bucket: EventLogBucket;
  readonly functions: EventLogFunctions;
  readonly httpApi: EventLogApi;
  readonly streamUrl: FunctionUrl;
  /** Undefined where they are turned off. */
  readonly alarms: EventLogAlarms | undefined;
  readonly #gatewayContext: KafkaGatewayContext;

  constructor(scope: Construct, id: string, props: EventLogProps = {}) {
    super(scope, id);
    const {
      removalPolicy = RemovalPolicy.RETAIN,
      encryptionKey,
      logRetention = RetentionDays.ONE_MONTH,
    } = props;
    const encryption = encryptionKey ? { encryptionKey } : {};
    this.tables = new EventLogTables(this, 'tables', {
      ...{ removalPolicy, ...encryption },
      deletionProtection: props.deletionProtection ?? removalPolicy !== RemovalPolicy.DESTROY,
      pointInTimeRecovery: props.pointInTimeRecovery ?? true,
      maxReadRequestUnits: props.throughput?.maxReadRequestUnits ?? DEFAULTS.maxReadRequestUnits,
      maxWriteRequestUnits: props.throughput?.maxWriteRequestUnits ?? DEFAULTS.maxWriteRequestUnits,
    });
    this.bucket = new EventLogBucket(this, 'bucket', { removalPolicy, ...encryption });
    this.functions = new EventLogFunctions(this, 'functions', {
      ...{ logRetention, ...encryption },
      tables: this.tables.tables,
      bucket: this.bucket.bucket,
      logLevel: props.logLevel ?? 'INFO',
      reservedConcurrencies: props.reservedConcurrency ?? DEFAULTS.reservedConcurrency,
      memoriesMb: props.memoryMb ?? {},
    });
    this.httpApi = new EventLogApi(this, 'http', {
      functions: this.functions.byName,
      rateLimit: props.apiThrottle?.rateLimit ?? DEFAULTS.rateLimit,
      burstLimit: props.apiThrottle?.burstLimit ?? DEFAULTS.burstLimit,
      logRetention,
    });
    this.streamUrl = this.functions.byName.stream.addFunctionUrl({
      authType: FunctionUrlAuthType.AWS_IAM,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    });
    this.alarms = this.#addAlarms(props);
    this.#gatewayContext = {
      ...{ logRetention, ...encryption },
      tables: this.tables.tables,
      bucket: this.bucket.bucket,
      sealFunction: this.functions.byName.seal,
      logLevel: props.logLevel ?? 'INFO',
    };
  }

  /** Where the HTTP API is. */
  get url(): string {
    return this.httpApi.stage.url.replace(/\/$/, '');
  }

  /**
   * Lets `grantee` produce, idempotently too, and describe topics. With `topic`, to this one only. Throws
   * INVALID_TOPIC_EXCEPTION for what is no name of a topic; patterns are none.
   */
  grantProduce(grantee: IGrantable, topic?: string): Grant {
    return this.#grantApi(grantee, 'produce', topic);
  }

  /**
   * Lets `grantee` read records and offsets, be a member of any consumer group, and describe topics. With `topic`, of this
   * one only, and without groups and the event stream: no path ties a group to a topic, and that of a function URL is not
   * part of any permission. Throws as `grantProduce`.
   */
  grantConsume(grantee: IGrantable, topic?: string): Grant {
    const granted = this.#grantApi(grantee, 'consume', topic);
    return topic === undefined ? granted.combine(this.streamUrl.grantInvokeUrl(grantee)) : granted;
  }

  /** Lets `grantee` do everything that the API serves: make and delete topics, produce, consume. */
  grantAdmin(grantee: IGrantable): Grant {
    return this.#grantApi(grantee, 'admin').combine(this.streamUrl.grantInvokeUrl(grantee));
  }

  /**
   * Adds tasks that serve clients of Kafka's protocol, which cost about $59 a month at rest: nothing of it is there unless
   * this is called. Users log in by SASL; whoever does may do everything.
   */
  addKafkaGateway(props: KafkaGatewayProps = {}, id = 'kafka'): KafkaGateway {
    return new KafkaGateway(this, id, this.#gatewayContext, props);
  }

  #grantApi(grantee: IGrantable, kind: GrantKind, topic?: string): Grant {
    const { api, stage } = this.httpApi;
    const resources = apiResourcesOf(kind, topic);
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: resources.map(({ method, path }) => api.arnForExecuteApi(method, path, stage.stageName)),
    });
  }

  #addAlarms({ alarms = true, alarmActions = [] }: EventLogProps): EventLogAlarms | undefined {
    if (!alarms) return undefined;
    return new EventLogAlarms(this, 'alarms', {
      functions: this.functions,
      api: this.httpApi.api,
      actions: alarmActions,
    });
  }
}
