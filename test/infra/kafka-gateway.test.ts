// The Kafka gateway in the template: nothing unless it is asked for, and what its props change.
import { Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Peer, Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { EventLog } from '../../infra/event-log.ts';
import { WadiStack } from '../../infra/wadi-stack.ts';
import { createApp, ofType, synthesize, type Synthesized } from './support/template.ts';
import type { KafkaGatewayProps } from '../../infra/constructs/kafka-gateway.ts';

const withGateway = (
  props: (stack: Stack) => KafkaGatewayProps = () => ({}),
  logRetention?: RetentionDays,
): Synthesized =>
  synthesize(logRetention === undefined ? {} : { logRetention }, {
    change: (eventLog, stack) => {
      eventLog.addKafkaGateway(props(stack));
    },
  });
const tls = (stack: Stack): NonNullable<KafkaGatewayProps['tls']> => ({
  certificate: Certificate.fromCertificateArn(
    stack,
    'certificate',
    'arn:aws:acm:us-east-1:123456789012:certificate/a',
  ),
  hostName: 'kafka.example.com',
});
const variablesOf = (synthesized: Synthesized): Readonly<Record<string, unknown>> => {
  const [task] = ofType(synthesized, 'AWS::ECS::TaskDefinition');
  const [container] = task?.[1].Properties['ContainerDefinitions'] as readonly {
    Environment: readonly { Name: string; Value: unknown }[];
  }[];
  return Object.fromEntries((container?.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
};

const byDefault = withGateway();

describe('the template', () => {
  it('has nothing of it unless it is asked for, and is the same beside it', () => {
    const without = synthesize();
    for (const id of Object.keys(without.resources)) expect(id).not.toMatch(/kafka/i);
    const types = Object.values(without.resources).map(({ Type }) => Type);
    expect(
      types.filter((type) => /^AWS::(ECS|EC2|ElasticLoadBalancingV2|SecretsManager)::/.test(type)),
    ).toEqual([]);
    const rest = Object.entries(byDefault.resources).filter(([id]) => !id.startsWith('EventLogkafka'));
    expect(Object.fromEntries(rest)).toEqual(without.resources);
  });

  it('has one of each: a service, a load balancer, a secret, a network without NAT', () => {
    const { template } = byDefault;
    template.resourceCountIs('AWS::ECS::Service', 1);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.resourceCountIs('AWS::EC2::Subnet', 2);
    const services = ofType(byDefault, 'AWS::EC2::VPCEndpoint').map(([, { Properties }]) => Properties);
    expect(
      services.map(({ VpcEndpointType: type, ServiceName: name }) => [type, JSON.stringify(name)]),
    ).toEqual([
      ['Gateway', expect.stringContaining('.s3')],
      ['Gateway', expect.stringContaining('.dynamodb')],
    ]);
    template.hasResource('AWS::SecretsManager::Secret', {
      ...{ DeletionPolicy: 'Retain', Properties: { SecretString: '{"users":[]}' } },
    });
  });
});

describe('the tasks', () => {
  it('run on arm64 as nobody in particular, with their own log, and 90 s to stop', () => {
    byDefault.template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ...{ Cpu: '512', Memory: '2048', RequiresCompatibilities: ['FARGATE'], NetworkMode: 'awsvpc' },
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
      ContainerDefinitions: [
        Match.objectLike({
          ...{ User: '1000:1000', StopTimeout: 90, Image: 'public.ecr.aws/docker/library/node:24-slim' },
          LinuxParameters: Match.objectLike({ InitProcessEnabled: true }),
          LogConfiguration: Match.objectLike({ LogDriver: 'awslogs' }),
        }),
      ],
    });
    const logs = ofType(withGateway(undefined, RetentionDays.THREE_DAYS), 'AWS::Logs::LogGroup');
    expect(
      logs.filter(([id]) => id.includes('kafka')).map(([, { Properties }]) => Properties['RetentionInDays']),
    ).toEqual([3]);
  });

  it('are reached by the load balancer alone, and reach AWS by TLS alone', () => {
    const groups = ofType(byDefault, 'AWS::EC2::SecurityGroup').filter(([id]) => id.includes('tasks'));
    expect(groups.map(([, { Properties }]) => Properties)).toEqual([
      expect.objectContaining({
        SecurityGroupEgress: [expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })],
      }),
    ]);
    expect(groups[0]?.[1].Properties['SecurityGroupIngress']).toBeUndefined();
    const ingress = ofType(byDefault, 'AWS::EC2::SecurityGroupIngress').map(
      ([, { Properties }]) => Properties,
    );
    expect(ingress.map(({ FromPort: port }) => port)).toEqual([9092, 8080]);
    for (const { SourceSecurityGroupId: source } of ingress)
      expect(JSON.stringify(source)).toContain('balancer');
  });

  it('are told where clients find them, and take no passwords without TLS', () => {
    expect(variablesOf(byDefault)).toMatchObject({
      WADI_KAFKA_ADVERTISED: {
        'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringContaining('balancer'), 'DNSName'] }, ':9092']],
      },
      ...{ WADI_KAFKA_ALLOWS_PLAIN: 'false', WADI_AUTO_CREATE_TOPICS: 'false' },
    });
    const secure = withGateway((stack) => ({ tls: tls(stack), port: 9094, autoCreateTopics: true }));
    expect(variablesOf(secure)).toMatchObject({
      WADI_KAFKA_ADVERTISED: 'kafka.example.com:9094',
      ...{ WADI_KAFKA_ALLOWS_PLAIN: 'true', WADI_AUTO_CREATE_TOPICS: 'true' },
    });
  });

  it('stop after the load balancer has forgotten them', () => {
    const [group] = ofType(byDefault, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    const { Properties = {} } = group?.[1] ?? {};
    expect(Properties).toMatchObject({
      HealthCheckProtocol: 'HTTP',
      HealthCheckPath: '/health',
      HealthCheckPort: '8080',
      TargetType: 'ip',
    });
    const attributes = new Map(
      (Properties['TargetGroupAttributes'] as { Key: string; Value: string }[]).map(({ Key, Value }) => [
        Key,
        Value,
      ]),
    );
    const delayMs = Number(attributes.get('deregistration_delay.timeout_seconds')) * 1_000;
    const pauseMs = Number(variablesOf(byDefault)['WADI_DRAIN_PAUSE_MS']);
    // Answers under way have 10 s after the pause (KAFKA_LIMITS.stopMsMax), and the task 90 s in all.
    expect(pauseMs + 10_000).toBeLessThan(delayMs);
    expect(delayMs).toBeLessThan(90_000);
  });

  it('are two to six by default, by processor and by connections, and a deployment leaves how many', () => {
    byDefault.template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: 2,
      MaxCapacity: 6,
    });
    byDefault.template.hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: Match.absent(),
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ AssignPublicIp: 'ENABLED' }) },
    });
    byDefault.template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: Match.objectLike({
        CustomizedMetricSpecification: Match.objectLike({
          ...{ MetricName: 'KafkaConnections', Namespace: 'Wadi', Statistic: 'Average' },
          Dimensions: [{ Name: 'service', Value: variablesOf(byDefault)['POWERTOOLS_SERVICE_NAME'] }],
        }),
      }),
    });
    const { template } = withGateway(() => ({ tasks: { min: 1, max: 3 }, cpu: 1_024, memoryMiB: 4_096 }));
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: 1,
      MaxCapacity: 3,
    });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { Cpu: '1024', Memory: '4096' });
  });
});

describe('the load balancer', () => {
  it('takes clients of its network without TLS by default', () => {
    byDefault.template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internal',
      Type: 'network',
    });
    byDefault.template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 9092,
      Protocol: 'TCP',
    });
  });

  it('ends TLS, on the internet only for those who are let in', () => {
    const zoneAttributes = { hostedZoneId: 'Z', zoneName: 'example.com' };
    const secure = withGateway((stack) => ({
      tls: {
        ...tls(stack),
        hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'zone', zoneAttributes),
      },
      internetFacing: true,
    }));
    secure.template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internet-facing',
    });
    secure.template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      ...{ Protocol: 'TLS', SslPolicy: Match.stringLikeRegexp('TLS13-1-2') },
      Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a' }],
    });
    secure.template.hasResourceProperties('AWS::Route53::RecordSet', {
      Name: 'kafka.example.com.',
      Type: 'A',
    });
    const [balancer] = ofType(secure, 'AWS::EC2::SecurityGroup').filter(([id]) => id.includes('balancer'));
    expect(balancer?.[1].Properties['SecurityGroupIngress']).toBeUndefined();
    const open = synthesize(
      {},
      {
        change: (eventLog, stack) => {
          const gateway = eventLog.addKafkaGateway({
            tls: tls(stack),
            internetFacing: true,
          });
          gateway.connections.allowDefaultPortFrom(Peer.ipv4('203.0.113.0/24'));
        },
      },
    );
    expect(JSON.stringify(open.resources)).toContain('203.0.113.0/24');
    open.template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ CidrIp: '203.0.113.0/24', FromPort: 9092 })],
    });
  });
});

describe('the props', () => {
  it('take a network, a secret and an image of yours', () => {
    const own = withGateway((stack) => ({
      vpc: new Vpc(stack, 'own') as IVpc,
      users: new Secret(stack, 'people') as ISecret,
      image: ContainerImage.fromRegistry('example.com/node:24'),
    }));
    own.template.resourceCountIs('AWS::EC2::VPC', 1);
    own.template.resourceCountIs('AWS::SecretsManager::Secret', 1);
    own.template.hasResourceProperties('AWS::ECS::Service', {
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ AssignPublicIp: 'DISABLED' }) },
    });
    own.template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ Image: 'example.com/node:24' })],
    });
  });

  it.each([
    [{ internetFacing: true }, 'a Kafka gateway of the internet needs `tls`'],
    [{ tasks: { min: 0 } }, 'tasks must be 1 or more, and max no less than min, got 0 to 6'],
    [{ tasks: { min: 3, max: 2 } }, 'got 3 to 2'],
  ])('refuse %o', (props, message) => {
    expect(() => withGateway(() => props)).toThrow(message);
  });

  it('come from context in the app', () => {
    const app = createApp();
    for (const [name, value] of Object.entries({
      kafka: 'true',
      kafkaCertificateArn: 'arn:a',
      kafkaHostName: 'k.example.com',
    }))
      app.node.setContext(name, value);
    const template = Template.fromStack(new WadiStack(app, 'Wadi'));
    template.hasOutput('KafkaBootstrapServers', { Value: 'k.example.com:9092' });
    template.hasOutput('KafkaUsersSecret', {});
    const half = createApp();
    half.node.setContext('kafka', 'true');
    half.node.setContext('kafkaHostName', 'k.example.com');
    expect(() => new WadiStack(half, 'Wadi')).toThrow(
      'kafkaCertificateArn and kafkaHostName must both be given',
    );
  });
});

it.each([
  ['by default', () => ({})],
  ['with TLS on the internet', (stack: Stack) => ({ tls: tls(stack), internetFacing: true })],
])('breaks no rule of AWS Solutions %s', (_what, props) => {
  const app = createApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new Stack(app, 'Stack');
  new EventLog(stack, 'EventLog').addKafkaGateway(props(stack));
  expect(() => app.synth()).not.toThrow();
});
