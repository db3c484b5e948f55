// The Kafka gateway: tasks on Fargate behind a network load balancer, for clients that speak Kafka's protocol.
import { Duration, Names, RemovalPolicy, SecretValue, Validations } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  Port,
  Peer,
  Connections,
  type IConnectable,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing,
  AwsLogDriverMode,
  type CfnService,
  type ICluster,
  Cluster,
  ContainerImage,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import {
  NetworkLoadBalancer,
  NetworkTargetGroup,
  Protocol,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ARecord, RecordTarget, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { VARIABLES } from '../../functions/environment.ts';
import { HEALTH_PATH } from '../../functions/gateway-health.ts';
import { GATEWAY_VARIABLES } from '../../functions/gateway-settings.ts';
import { GATEWAY_CONNECTIONS, METRICS_NAMESPACE } from '../../functions/metric-names.ts';
import { GATEWAY_RIGHTS } from './function-rights.ts';
import { GatewayBundle } from './gateway-bundle.ts';
import { GatewayNetwork } from './gateway-network.ts';
import { grantRights, tableNamesOf, type Stores } from './role-rights.ts';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

export interface KafkaGatewayProps {
  /** What clients connect to with TLS, which ends at the load balancer. Default: no TLS, and only within the network. */
  readonly tls?:
    | {
        readonly certificate: ICertificate;
        /** A name that the certificate is for, and that leads to the load balancer. */
        readonly hostName: string;
        /** Makes the name lead there. Default: that is yours to do. */
        readonly hostedZone?: IHostedZone | undefined;
      }
    | undefined;
  /** Whether the load balancer has addresses of the internet. Default: false. Needs `tls`. */
  readonly internetFacing?: boolean;
  /** Where clients connect to. Default: 9092. */
  readonly port?: number;
  /**
   * What `wadi users add --print` prints; read anew every minute. Default: a secret without users, to be filled. It stays
   * when the construct goes.
   */
  readonly users?: ISecret | undefined;
  /** How many tasks there are. Default: 2 to 6. */
  readonly tasks?: { readonly min?: number; readonly max?: number };
  /** Of a task, in units of 1/1024 of a processor and in MiB, as Fargate pairs them. Default: 512 and 2048. */
  readonly cpu?: number;
  readonly memoryMiB?: number;
  /** Kafka's auto.create.topics.enable. Default: false. */
  readonly autoCreateTopics?: boolean;
  /**
   * Default: a new one of public subnets in two zones, without NAT. One of yours should have gateway endpoints for S3 and
   * DynamoDB, and a way out to Lambda, Secrets Manager, CloudWatch Logs and the registry of images.
   */
  readonly vpc?: IVpc | undefined;
  /** Of the tasks. Default: private ones with a way out, or public ones where there are none. */
  readonly taskSubnets?: SubnetSelection;
  /** Any that has Node 24 as `node`. Default: Node's own from the public registry of AWS. */
  readonly image?: ContainerImage;
}

/** What the log around it passes on. */
export interface KafkaGatewayContext extends Stores {
  readonly sealFunction: IFunction;
  readonly logRetention: RetentionDays;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

/** ECS looks up which image the tag is once for each deployment, so that all tasks run the same. */
const NODE_IMAGE = 'public.ecr.aws/docker/library/node:24-slim';
/** Anybody but root; the image need not have a name for it. */
const USER = '1000:1000';

/** A gateway stays below 512 MB; deleting records seals, which may take as much again. */
const DEFAULTS = { port: 9092, minTasks: 2, maxTasks: 6, cpu: 512, memoryMiB: 2048 } as const;
const TASK_PORT = 9092;
const HEALTH_PORT = 8080;

/** A task that stops takes connections until the load balancer sends no more, ends what is under way, and then is ended. */
const DRAIN_PAUSE = Duration.seconds(20);
const DEREGISTRATION_DELAY = Duration.seconds(60);
const STOP_TIMEOUT = Duration.seconds(90);

/** Far below what a task takes (KAFKA_LIMITS.connectionsMax), as clients have several each. */
const CONNECTIONS_PER_TASK = 1_000;
const CPU_PERCENT = 50;

/** Ends with the stack; what it serves stays. */
export class KafkaGateway extends Construct implements IConnectable {
  /** Who may connect: `connections.allowDefaultPortFrom(...)`. Within the network everybody may, if it is not of the internet. */
  readonly connections: Connections;
  readonly users: ISecret;
  readonly loadBalancer: NetworkLoadBalancer;
  readonly targetGroup: NetworkTargetGroup;
  readonly service: FargateService;
  /** For `bootstrap.servers`. */
  readonly bootstrapServers: string;
  /** What its metrics are marked with. */
  readonly serviceName: string;
  readonly #network: GatewayNetwork;

  constructor(scope: Construct, id: string, context: KafkaGatewayContext, props: KafkaGatewayProps = {}) {
    super(scope, id);
    const { tls, internetFacing = false, port = DEFAULTS.port } = props;
    if (internetFacing && !tls) throw new Error('a Kafka gateway of the internet needs `tls`');
    this.serviceName = Names.uniqueResourceName(this, { separator: '-', maxLength: 100 });
    this.#network = new GatewayNetwork(this, 'network', {
      ...{ kafkaPort: TASK_PORT, healthPort: HEALTH_PORT },
      ...(props.vpc && { vpc: props.vpc }),
      ...(props.taskSubnets && { taskSubnets: props.taskSubnets }),
    });
    this.users = props.users ?? (this.#makeSecret() as ISecret);
    this.loadBalancer = this.#makeLoadBalancer(internetFacing, tls);
    this.bootstrapServers = `${tls?.hostName ?? this.loadBalancer.loadBalancerDnsName}:${port}`;
    this.service = this.#makeService(this.#makeTask(context, props));
    this.targetGroup = this.#listen(port, tls);
    this.#scale(props.tasks);
    this.connections = new Connections({
      ...{ securityGroups: [this.#network.balancerGroup], defaultPort: Port.tcp(port) },
    });
    if (!internetFacing) this.#openToNetwork(port);
  }

  #openToNetwork(port: number): void {
    const { balancerGroup, vpc } = this.#network;
    balancerGroup.addIngressRule(Peer.ipv4(vpc.vpcCidrBlock), Port.tcp(port), 'Kafka clients of the network');
    Validations.of(balancerGroup).acknowledge({
      id: 'AwsSolutions-EC23',
      reason: "Only the network's own range, which the rule cannot read before it is deployed.",
    });
  }

  #makeSecret(): Secret {
    const secret = new Secret(this, 'users', {
      description: 'Wadi: the users of the Kafka gateway, as `wadi users add --print` prints them',
      // Nobody: no secret is in the template.
      secretStringValue: SecretValue.unsafePlainText('{"users":[]}'),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'It holds salted keys of passwords that their users chose: nobody else can choose others.',
    });
    return secret;
  }

  #makeLoadBalancer(internetFacing: boolean, tls: KafkaGatewayProps['tls']): NetworkLoadBalancer {
    const { vpc, balancerGroup } = this.#network;
    const balancer = new NetworkLoadBalancer(this, 'balancer', {
      ...{ vpc, internetFacing, securityGroups: [balancerGroup] },
      // A zone whose tasks have gone is served by those of the others.
      crossZoneEnabled: true,
      ...(!internetFacing &&
        vpc.privateSubnets.length === 0 && { vpcSubnets: { subnets: vpc.publicSubnets } }),
    });
    Validations.of(balancer).acknowledge({
      id: 'AwsSolutions-ELB2',
      reason:
        'Connections that fail are in the log of the gateway; a network load balancer would log those with TLS only.',
    });
    if (tls?.hostedZone)
      new ARecord(this, 'name', {
        ...{ zone: tls.hostedZone, recordName: tls.hostName },
        target: RecordTarget.fromAlias(new LoadBalancerTarget(balancer)),
      });
    return balancer;
  }

  #makeTask(context: KafkaGatewayContext, props: KafkaGatewayProps): FargateTaskDefinition {
    const bundle = new GatewayBundle(this, 'bundle');
    const taskRole = new Role(this, 'role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    grantRights(taskRole, GATEWAY_RIGHTS, context);
    bundle.grantRead(taskRole);
    this.users.grantRead(taskRole);
    const actions = ['lambda:InvokeFunction'];
    taskRole.addToPrincipalPolicy(
      new PolicyStatement({ actions, resources: [context.sealFunction.functionArn] }),
    );
    const task = new FargateTaskDefinition(this, 'task', {
      ...{ taskRole, cpu: props.cpu ?? DEFAULTS.cpu, memoryLimitMiB: props.memoryMiB ?? DEFAULTS.memoryMiB },
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    const logGroup = new LogGroup(this, 'log', {
      ...{ retention: context.logRetention, removalPolicy: RemovalPolicy.DESTROY },
    });
    task.addContainer('gateway', {
      image: props.image ?? ContainerImage.fromRegistry(NODE_IMAGE),
      command: [...bundle.command],
      ...{ user: USER, stopTimeout: STOP_TIMEOUT },
      environment: this.#environmentOf(context, props),
      portMappings: [{ containerPort: TASK_PORT }, { containerPort: HEALTH_PORT }],
      // An init process passes signals on, to what fetches the bundle too.
      linuxParameters: new LinuxParameters(this, 'linux', { initProcessEnabled: true }),
      // A log that cannot be written must not hold clients.
      logging: LogDrivers.awsLogs({ logGroup, streamPrefix: 'gateway', mode: AwsLogDriverMode.NON_BLOCKING }),
    });
    Validations.of(task).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason:
        'Variables hold names of tables, ports and limits; what is secret is read from Secrets Manager.',
    });
    return task;
  }

  #environmentOf(
    context: KafkaGatewayContext,
    { tls, autoCreateTopics = false }: KafkaGatewayProps,
  ): Record<string, string> {
    return {
      [VARIABLES.tables]: tableNamesOf(GATEWAY_RIGHTS, context),
      [VARIABLES.bucket]: context.bucket.bucketName,
      [VARIABLES.sealFunction]: context.sealFunction.functionName,
      [GATEWAY_VARIABLES.host]: '0.0.0.0',
      [GATEWAY_VARIABLES.port]: String(TASK_PORT),
      [GATEWAY_VARIABLES.advertised]: this.bootstrapServers,
      [GATEWAY_VARIABLES.usersSecret]: this.users.secretArn,
      [GATEWAY_VARIABLES.allowsPlain]: String(tls !== undefined),
      [GATEWAY_VARIABLES.autoCreateTopics]: String(autoCreateTopics),
      [GATEWAY_VARIABLES.healthPort]: String(HEALTH_PORT),
      [GATEWAY_VARIABLES.drainPauseMs]: String(DRAIN_PAUSE.toMilliseconds()),
      // Else glibc keeps what large buffers have left, a heap for each of Node's threads (mallopt(3)).
      MALLOC_ARENA_MAX: '1',
      POWERTOOLS_SERVICE_NAME: this.serviceName,
      POWERTOOLS_LOG_LEVEL: context.logLevel,
    };
  }

  #makeService(taskDefinition: FargateTaskDefinition): FargateService {
    const { vpc, taskSubnets, taskGroup, needsPublicIp } = this.#network;
    const cluster = new Cluster(this, 'cluster', { vpc });
    Validations.of(cluster).acknowledge({
      id: 'AwsSolutions-ECS4',
      reason:
        'Processor and memory of a service are measured without it; Container Insights is billed by the metric.',
    });
    const service = new FargateService(this, 'service', {
      ...{ cluster: cluster as ICluster, taskDefinition },
      ...{ vpcSubnets: taskSubnets, securityGroups: [taskGroup] },
      ...{ assignPublicIp: needsPublicIp, minHealthyPercent: 100, maxHealthyPercent: 200 },
      availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
      circuitBreaker: { enable: true, rollback: true },
      healthCheckGracePeriod: Duration.minutes(1),
    });
    // A task that starts before it can reach AWS would count as a deployment that fails.
    service.node.addDependency(this.#network);
    // How many tasks there are is what scales them to say: a deployment leaves it.
    (service.node.defaultChild as CfnService).addPropertyDeletionOverride('DesiredCount');
    return service;
  }

  #listen(port: number, tls: KafkaGatewayProps['tls']): NetworkTargetGroup {
    const targetGroup = new NetworkTargetGroup(this, 'targets', {
      ...{ vpc: this.#network.vpc, port: TASK_PORT, protocol: Protocol.TCP, preserveClientIp: false },
      ...{ deregistrationDelay: DEREGISTRATION_DELAY, connectionTermination: true },
      healthCheck: {
        ...{ protocol: Protocol.HTTP, port: String(HEALTH_PORT), path: HEALTH_PATH, healthyHttpCodes: '200' },
        ...{ interval: Duration.seconds(10), healthyThresholdCount: 2, unhealthyThresholdCount: 2 },
      },
      targets: [this.service.loadBalancerTarget({ containerName: 'gateway', containerPort: TASK_PORT })],
    });
    this.loadBalancer.addListener('kafka', {
      ...{ port, defaultTargetGroups: [targetGroup] },
      ...(tls
        ? { protocol: Protocol.TLS, certificates: [tls.certificate], sslPolicy: SslPolicy.RECOMMENDED_TLS }
        : { protocol: Protocol.TCP }),
    });
    return targetGroup;
  }

  #scale({ min = DEFAULTS.minTasks, max = DEFAULTS.maxTasks }: { min?: number; max?: number } = {}): void {
    if (min < 1 || max < min)
      throw new Error(`tasks must be 1 or more, and max no less than min, got ${min} to ${max}`);
    const scaling = this.service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
    // Each task that goes sends its clients to the others: seldom.
    const pauses = { scaleInCooldown: Duration.minutes(10), scaleOutCooldown: Duration.minutes(1) };
    scaling.scaleOnCpuUtilization('cpu', { targetUtilizationPercent: CPU_PERCENT, ...pauses });
    scaling.scaleToTrackCustomMetric('connections', {
      ...{ targetValue: CONNECTIONS_PER_TASK, ...pauses },
      metric: new Metric({
        ...{ namespace: METRICS_NAMESPACE, metricName: GATEWAY_CONNECTIONS, statistic: Stats.AVERAGE },
        ...{ dimensionsMap: { service: this.serviceName }, period: Duration.minutes(1) },
      }),
    });
  }
}
