// One function: its bundle, its role with exactly its rights, and its log group.
import { join } from 'node:path';
import { type Duration, Names, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ApplicationLogLevel, Architecture, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { VARIABLES } from '../../functions/environment.ts';
import { FUNCTION_RIGHTS, type FunctionName, type ObjectRight, type TableRight } from './function-rights.ts';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { TableName } from '../../lib/storage/ports/item-store.ts';

const PROJECT_ROOT = join(import.meta.dirname, '..', '..');

/** Makes requires of CommonJS packages work in an ES module. */
const REQUIRE_BANNER =
  "import{createRequire as wadiRequire}from'node:module';const require=wadiRequire(import.meta.url);";

export interface EventLogFunctionProps {
  /** Which of functions/ it is. */
  readonly name: FunctionName;
  readonly description: string;
  readonly tables: Readonly<Record<TableName, TableV2>>;
  readonly bucket: Bucket;
  readonly timeout: Duration;
  readonly memoryMb: number;
  readonly logRetention: RetentionDays;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  readonly reservedConcurrency?: number;
  readonly encryptionKey?: IKey;
  /** Asynchronous invocations that failed are tried so often again. Default: Lambda's 2. */
  readonly retryAttempts?: number;
}

/** A function on arm64 and Node 24, bundled with everything it needs. */
export class EventLogFunction extends Construct {
  readonly function: NodejsFunction;
  /** What its log lines and metrics are marked with: no other function of the account has it. */
  readonly serviceName: string;

  constructor(scope: Construct, id: string, props: EventLogFunctionProps) {
    super(scope, id);
    this.serviceName = Names.uniqueResourceName(this, { separator: '-', maxLength: 100 });
    const logGroup = new LogGroup(this, 'log', {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.#grantTables(role, props);
    this.#grantObjects(role, props);
    this.function = new NodejsFunction(this, 'function', {
      ...bundleOf(props.name),
      ...{ role, logGroup },
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memoryMb,
      environment: environmentOf(props, this.serviceName),
      loggingFormat: LoggingFormat.JSON,
      // Lambda's level goes before Powertools' own.
      applicationLogLevelV2: ApplicationLogLevel[props.logLevel],
      ...(props.retryAttempts !== undefined && { retryAttempts: props.retryAttempts }),
      ...(props.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrency,
      }),
    });
  }

  /** Lets this function wake another one, whose name it finds under `variable`. */
  wakes(other: EventLogFunction, variable: string): void {
    this.function.addEnvironment(variable, other.function.functionName);
    this.function.role?.addToPrincipalPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['lambda:InvokeFunction'],
        resources: [other.function.functionArn],
      }),
    );
  }

  #grantTables(role: Role, { name, tables, encryptionKey }: EventLogFunctionProps): void {
    for (const right of FUNCTION_RIGHTS[name].tables) {
      role.addToPrincipalPolicy(tableStatement(tables[right.table], right));
    }
    if (encryptionKey) encryptionKey.grantEncryptDecrypt(role);
  }

  #grantObjects(role: Role, { name, bucket }: EventLogFunctionProps): void {
    const { objects } = FUNCTION_RIGHTS[name];
    for (const right of objects) role.addToPrincipalPolicy(objectStatement(bucket, right));
    if (objects.some(({ action }) => action === 'GetObject')) {
      role.addToPrincipalPolicy(
        new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
      );
    }
    const bucketId = Stack.of(this).getLogicalId(bucket.node.defaultChild as never);
    for (const prefix of new Set(objects.map((right) => right.prefix))) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${prefix}*]`,
        reason: 'Objects have unique keys below this prefix, which nobody knows before they are made.',
      });
    }
  }
}

function bundleOf(name: FunctionName) {
  return {
    entry: join(PROJECT_ROOT, 'functions', `${name}.ts`),
    handler: 'handler',
    projectRoot: PROJECT_ROOT,
    depsLockFilePath: join(PROJECT_ROOT, 'package-lock.json'),
    bundling: {
      format: OutputFormat.ESM,
      mainFields: ['module', 'main'],
      target: 'node24',
      minify: true,
      sourceMap: true,
      sourcesContent: false,
      bundleAwsSDK: true,
      banner: REQUIRE_BANNER,
    },
  };
}

function environmentOf(
  { name, tables, bucket, logLevel }: EventLogFunctionProps,
  serviceName: string,
): Record<string, string> {
  const used = new Set(FUNCTION_RIGHTS[name].tables.map(({ table }) => table));
  const names = Object.fromEntries([...used].map((table) => [table, tables[table].tableName]));
  return {
    [VARIABLES.tables]: Stack.of(bucket).toJsonString(names),
    [VARIABLES.bucket]: bucket.bucketName,
    POWERTOOLS_SERVICE_NAME: serviceName,
    POWERTOOLS_LOG_LEVEL: logLevel,
    NODE_OPTIONS: '--enable-source-maps',
  };
}

function tableStatement(table: TableV2, { actions, partitionKeys }: TableRight): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [table.tableArn],
    ...(partitionKeys && {
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': partitionKeys } },
    }),
  });
}

function objectStatement(bucket: Bucket, { action, prefix }: ObjectRight): PolicyStatement {
  return new PolicyStatement({
    actions: [`s3:${action}`],
    resources: [bucket.arnForObjects(`${prefix}*`)],
  });
}
