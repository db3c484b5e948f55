// The construct: what it makes by default, what its props change, and the ids that must never change.
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { EventLog } from '../../infra/event-log.ts';
import { WadiStack } from '../../infra/wadi-stack.ts';
import { HTTP_ROUTES } from '../../lib/http/routes.ts';
import { TABLES } from '../../lib/storage/schema/tables.ts';
import { createApp, ofType, synthesize } from './support/template.ts';

const byDefault = synthesize();

describe('the tables', () => {
  const tables = ofType(byDefault, 'AWS::DynamoDB::GlobalTable');

  it('keep their logical ids: another id is another, empty table', () => {
    expect(tables.map(([id]) => id)).toEqual([
      'EventLogtablestopics5F19616B',
      'EventLogtablesheadsE863CA0B',
      'EventLogtableslogindex5D8F062E',
      'EventLogtablesobjectsA597F0B7',
      'EventLogtablesoffsetsD6A6551D',
      'EventLogtablesgroupsF156B808',
      'EventLogtablesproducersC5498C2D',
    ]);
    expect(ofType(byDefault, 'AWS::S3::Bucket').map(([id]) => id)).toEqual(['EventLogbucketobjectsFA2C3FB0']);
  });

  it('are those of the schema, on demand, protected, restorable and retained', () => {
    expect(tables).toHaveLength(Object.keys(TABLES).length);
    for (const [, table] of tables) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          WriteOnDemandThroughputSettings: { MaxWriteRequestUnits: 4_000 },
          Replicas: [
            {
              DeletionProtectionEnabled: true,
              PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
              ReadOnDemandThroughputSettings: { MaxReadRequestUnits: 12_000 },
            },
          ],
        },
      });
    }
  });

  it('have the keys and the expiry of the schema', () => {
    Object.values(TABLES).forEach(({ hasSortKey, expires }, index) => {
      const Properties = tables[index]?.[1].Properties ?? {};
      expect(Properties['KeySchema']).toEqual([
        { AttributeName: 'pk', KeyType: 'HASH' },
        ...(hasSortKey ? [{ AttributeName: 'sk', KeyType: 'RANGE' }] : []),
      ]);
      expect(Properties['TimeToLiveSpecification']).toEqual(
        expires ? { AttributeName: 'expires', Enabled: true } : undefined,
      );
    });
  });
});

describe('the bucket', () => {
  it('is private, answers TLS only, and expires hot objects alone', () => {
    byDefault.template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [
            {
              Prefix: 'hot/',
              ExpirationInDays: 14,
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              Status: 'Enabled',
            },
          ],
        },
      },
    });
    byDefault.template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      },
    });
  });
});

describe('the functions', () => {
  const functions = ofType(byDefault, 'AWS::Lambda::Function');

  it('run on arm64 and Node 24, each with a role and a log group of its own', () => {
    expect(functions).toHaveLength(7);
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x' });
    }
    const distinct = (of: (properties: Readonly<Record<string, unknown>>) => unknown) =>
      new Set(functions.map(([, { Properties }]) => JSON.stringify(of(Properties)))).size;
    expect(distinct((properties) => properties['Role'])).toBe(7);
    expect(distinct((properties) => (properties['LoggingConfig'] as { LogGroup: unknown }).LogGroup)).toBe(7);
    for (const [, { Properties }] of ofType(byDefault, 'AWS::Logs::LogGroup')) {
      expect(Properties['RetentionInDays']).toBe(30);
    }
  });

  it('reserve a place for the sweep, which runs every hour, and try acks=0 once', () => {
    const reserved = functions.filter(([, { Properties }]) => 'ReservedConcurrentExecutions' in Properties);
    expect(reserved.map(([id]) => id)).toEqual([expect.stringContaining('sweep')]);
    byDefault.template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 hour)',
      State: 'ENABLED',
      Targets: [{ Arn: { 'Fn::GetAtt': [reserved[0]?.[0], 'Arn'] } }],
    });
    byDefault.template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 1);
    byDefault.template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
  });
});

describe('the HTTP API', () => {
  it('serves every route but the stream, each behind IAM', () => {
    const routes = ofType(byDefault, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);
    expect(routes.map((route) => route['AuthorizationType'])).toEqual(routes.map(() => 'AWS_IAM'));
    const expected = HTTP_ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(routes.map((route) => route['RouteKey']).toSorted()).toEqual(
      expected.filter((key) => key !== 'GET /topics/{topic}/records/stream').toSorted(),
    );
  });

  it('is throttled, and logs who asked for what', () => {
    byDefault.template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 2_000 },
      AccessLogSettings: { Format: Match.stringLikeRegexp('identity\\.userArn') },
    });
  });

  it('leaves the stream to a function URL that streams, behind IAM', () => {
    byDefault.template.hasResourceProperties('AWS::Lambda::Url', {
      AuthType: 'AWS_IAM',
      InvokeMode: 'RESPONSE_STREAM',
      TargetFunctionArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('stream'), 'Arn'] },
    });
  });
});

describe('the alarms', () => {
  it('fire for old unsealed records, and for want of a sweep that says how old they are', () => {
    byDefault.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Wadi',
      MetricName: 'OldestUnsealedAge',
      Threshold: 3_600,
      TreatMissingData: 'breaching',
      Dimensions: [{ Name: 'service', Value: serviceNameOf('sweep') }],
    });
  });

  it('watch nine metrics, which is what they cost', () => {
    const metrics = ofType(byDefault, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) => {
      const parts = Properties['Metrics'] as readonly { readonly MetricStat?: object }[] | undefined;
      return parts ? parts.filter(({ MetricStat }) => MetricStat) : [Properties];
    });
    expect(metrics).toHaveLength(9);
  });

  function serviceNameOf(name: string): string {
    const [, found] =
      ofType(byDefault, 'AWS::Lambda::Function').find(([id]) => id.includes(`functions${name}function`)) ??
      [];
    const { Variables } = found?.Properties['Environment'] as { Variables: Record<string, string> };
    return Variables['POWERTOOLS_SERVICE_NAME'] ?? '';
  }
});

describe('the props', () => {
  it('let everything go with the stack', () => {
    const { template } = synthesize({ removalPolicy: RemovalPolicy.DESTROY });
    template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    template.allResources('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Delete',
      Properties: { Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })] },
    });
  });

  it('set limits, concurrency, memory, log retention and level', () => {
    const { template } = synthesize({
      throughput: { maxReadRequestUnits: 10, maxWriteRequestUnits: 20 },
      apiThrottle: { rateLimit: 3, burstLimit: 4 },
      reservedConcurrency: { produce: 5 },
      memoryMb: { seal: 3_008 },
      logRetention: RetentionDays.ONE_DAY,
      logLevel: 'DEBUG',
      pointInTimeRecovery: false,
    });
    template.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      WriteOnDemandThroughputSettings: { MaxWriteRequestUnits: 20 },
      Replicas: [
        Match.objectLike({
          ReadOnDemandThroughputSettings: { MaxReadRequestUnits: 10 },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
        }),
      ],
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 3, ThrottlingBurstLimit: 4 },
    });
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { ReservedConcurrentExecutions: 5 }, 1);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { ReservedConcurrentExecutions: 1 }, 0);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { MemorySize: 3_008 }, 1);
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 1 });
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ POWERTOOLS_LOG_LEVEL: 'DEBUG' }) },
      LoggingConfig: Match.objectLike({ LogFormat: 'JSON', ApplicationLogLevel: 'DEBUG' }),
    });
  });

  it('turn alarms off, or say what they do', () => {
    synthesize({ alarms: false }).template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    const { template } = synthesize((stack) => ({
      alarmActions: [new SnsAction(new Topic(stack, 'pager'))],
    }));
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: Match.stringLikeRegexp('pager') }],
    });
  });

  it('encrypt with a key of yours, which then every function may use', () => {
    const env = { region: 'us-east-1', account: '123456789012' };
    const synthesized = synthesize((stack) => ({ encryptionKey: new Key(stack, 'key') }), { env });
    synthesized.template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true },
        ],
      },
    });
    synthesized.template.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
    const roles = ofType(synthesized, 'AWS::IAM::Policy').filter(([, { Properties }]) =>
      JSON.stringify(Properties['PolicyDocument']).includes('kms:Decrypt'),
    );
    expect(roles).toHaveLength(7);
  });

  it('allow several event logs in one stack', () => {
    const stack = new Stack(createApp(), 'Two');
    new EventLog(stack, 'orders');
    new EventLog(stack, 'clicks');
    expect(stack.node.findAll().filter((node) => node instanceof EventLog)).toHaveLength(2);
  });
});

describe('the stack of the app', () => {
  it('takes its options from context, and names one that is wrong', () => {
    const app = createApp();
    app.node.setContext('reserveConcurrency', 'false');
    app.node.setContext('alarms', 'false');
    const { eventLog } = new WadiStack(app, 'Wadi');
    expect(eventLog.alarms).toBeUndefined();
    const other = createApp();
    other.node.setContext('alarms', 'no');
    expect(() => new WadiStack(other, 'Wadi')).toThrow('context alarms must be true or false, got "no"');
    const third = createApp();
    third.node.setContext('logLevel', 'LOUD');
    expect(() => new WadiStack(third, 'Wadi')).toThrow(/logLevel must be one of DEBUG, .*got "LOUD"/);
  });
});
