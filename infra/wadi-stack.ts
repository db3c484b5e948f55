// The stack of the app: an EventLog with its defaults, and what its users need to know as outputs.
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { EventLog, type EventLogProps } from './event-log.ts';
import type { Construct } from 'constructs';

/**
 * Options are context: `-c reserveConcurrency=false` for accounts that cannot reserve any, `-c alarms=false`,
 * `-c logLevel=DEBUG`.
 */
export class WadiStack extends Stack {
  readonly eventLog: EventLog;

  constructor(scope: Construct, id: string) {
    super(scope, id, { description: 'Wadi: an event log without brokers' });
    this.eventLog = new EventLog(
      this,
      'EventLog',
      readContext((name) => this.node.tryGetContext(name)),
    );
    const outputs = {
      Url: [this.eventLog.url, 'The HTTP API: WADI_URL of the command line'],
      StreamUrl: [this.eventLog.streamUrl.url, 'Server-sent events: /topics/{topic}/records/stream'],
      BucketName: [this.eventLog.bucket.bucket.bucketName, 'Where segments are'],
    } as const;
    for (const [name, [value, description]] of Object.entries(outputs)) {
      new CfnOutput(this, name, { value, description });
    }
  }
}

const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;

function readContext(contextOf: (name: string) => unknown): EventLogProps {
  const logLevel = contextOf('logLevel');
  if (logLevel !== undefined && !LOG_LEVELS.includes(logLevel as never)) {
    throw new Error(
      `context logLevel must be one of ${LOG_LEVELS.join(', ')}, got ${JSON.stringify(logLevel)}`,
    );
  }
  return {
    alarms: readFlag('alarms', contextOf('alarms')),
    ...(readFlag('reserveConcurrency', contextOf('reserveConcurrency')) ? {} : { reservedConcurrency: {} }),
    ...(logLevel === undefined ? {} : { logLevel: logLevel as (typeof LOG_LEVELS)[number] }),
  };
}

/** Context comes as text from the command line and as JSON from cdk.json. Default: true. */
function readFlag(name: string, value: unknown): boolean {
  if (value === undefined || value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new Error(`context ${name} must be true or false, got ${JSON.stringify(value)}`);
}
