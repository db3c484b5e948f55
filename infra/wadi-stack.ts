// The stack of the app: an EventLog with its defaults, and what its users need to know as outputs.
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { EventLog, type EventLogProps } from './event-log.ts';
import type { KafkaGateway, KafkaGatewayProps } from './constructs/kafka-gateway.ts';
import type { Construct } from 'constructs';

/**
 * Options are context: `-c reserveConcurrency=false` for accounts that cannot reserve any, `-c alarms=false`,
 * `-c logLevel=DEBUG`; `-c kafka=true` for a Kafka gateway, with `-c kafkaCertificateArn=...` and `-c kafkaHostName=...` for
 * TLS, and `-c kafkaInternetFacing=true`.
 */
export class WadiStack extends Stack {
  readonly eventLog: EventLog;
  /** Undefined unless it is asked for. */
  readonly kafka: KafkaGateway | undefined;

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
    this.#addOutputs(outputs);
    this.kafka = this.#addKafka();
  }

  #addKafka(): KafkaGateway | undefined {
    const contextOf = (name: string): unknown => this.node.tryGetContext(name);
    if (!readFlag('kafka', contextOf('kafka'), false)) return undefined;
    const tls = this.#readTls(contextOf('kafkaCertificateArn'), contextOf('kafkaHostName'));
    const internetFacing = readFlag('kafkaInternetFacing', contextOf('kafkaInternetFacing'), false);
    const kafka = this.eventLog.addKafkaGateway({ internetFacing, ...(tls && { tls }) });
    this.#addOutputs({
      KafkaBootstrapServers: [kafka.bootstrapServers, 'bootstrap.servers of Kafka clients'],
      KafkaUsersSecret: [kafka.users.secretArn, 'To be filled with what `wadi users add --print` prints'],
    });
    return kafka;
  }

  #readTls(arn: unknown, hostName: unknown): KafkaGatewayProps['tls'] {
    if (arn === undefined && hostName === undefined) return undefined;
    if (typeof arn === 'string' && typeof hostName === 'string')
      return { certificate: Certificate.fromCertificateArn(this, 'KafkaCertificate', arn), hostName };
    throw new Error('context kafkaCertificateArn and kafkaHostName must both be given, or neither');
  }

  #addOutputs(outputs: Readonly<Record<string, readonly [string, string]>>): void {
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

/** Context comes as text from the command line and as JSON from cdk.json. */
function readFlag(name: string, value: unknown, otherwise = true): boolean {
  if (value === undefined) return otherwise;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new Error(`context ${name} must be true or false, got ${JSON.stringify(value)}`);
}
