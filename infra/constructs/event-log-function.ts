// One function: its bundle, its role with exactly its rights, and its log group.
import { join } from 'node:path';
import { type Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ApplicationLogLevel, Architecture, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { VARIABLES } from '../../functions/environment.ts';
import { FUNCTION_RIGHTS, type FunctionName } from './function-rights.ts';
import { grantRights, tableNamesOf, type Stores } from './role-rights.ts';

const PROJECT_ROOT = join(import.meta.dirname, '..', '..');

/** What the SDK finds a function's credentials by. */
const FUNCTION_CREDENTIALS = join(PROJECT_ROOT, 'functions', 'function-credentials.ts');

/** Makes requires of CommonJS packages work in an ES module. */
const REQUIRE_BANNER =
  "import{createRequire as wadiRequire}from'node:module';const require=wadiRequire(import.meta.url);";

export interface EventLogFunctionProps extends Stores {
  /** Which of functions/ it is. */
  readonly name: FunctionName;
  readonly description: string;
  readonly timeout: Duration;
  readonly memoryMb: number;
  readonly logRetention: RetentionDays;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  readonly reservedConcurrency?: number;
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
    grantRights(role, FUNCTION_RIGHTS[props.name], props);
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
      esbuildArgs: { '--alias:@aws-sdk/credential-provider-node': FUNCTION_CREDENTIALS },
    },
  };
}

function environmentOf(
  { name, logLevel, ...stores }: EventLogFunctionProps,
  serviceName: string,
): Record<string, string> {
  return {
    [VARIABLES.tables]: tableNamesOf(FUNCTION_RIGHTS[name], stores),
    [VARIABLES.bucket]: stores.bucket.bucketName,
    POWERTOOLS_SERVICE_NAME: serviceName,
    POWERTOOLS_LOG_LEVEL: logLevel,
    NODE_OPTIONS: '--enable-source-maps',
  };
}
