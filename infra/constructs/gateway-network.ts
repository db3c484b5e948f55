// Where the tasks of the Kafka gateway are: a network without NAT, and who may reach whom.
import { Validations } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

export interface GatewayNetworkProps {
  /** Default: one of public subnets in two zones, with gateway endpoints for S3 and DynamoDB. */
  readonly vpc?: IVpc;
  readonly taskSubnets?: SubnetSelection;
  readonly kafkaPort: number;
  readonly healthPort: number;
}

/** The load balancer is reached by those whom `balancerGroup` lets in, the tasks by the load balancer alone. */
export class GatewayNetwork extends Construct {
  readonly vpc: IVpc;
  readonly taskSubnets: SubnetSelection;
  /** Whether tasks need an address of their own to reach AWS: their subnets have no other way out. */
  readonly needsPublicIp: boolean;
  readonly balancerGroup: SecurityGroup;
  readonly taskGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: GatewayNetworkProps) {
    super(scope, id);
    this.vpc = props.vpc ?? (this.#makeVpc() as IVpc);
    this.needsPublicIp = props.taskSubnets === undefined && this.vpc.privateSubnets.length === 0;
    this.taskSubnets = props.taskSubnets ?? {
      subnetType: this.needsPublicIp ? SubnetType.PUBLIC : SubnetType.PRIVATE_WITH_EGRESS,
    };
    const { vpc } = this;
    this.balancerGroup = new SecurityGroup(this, 'balancer', {
      ...{ vpc, allowAllOutbound: false, description: 'Wadi: Kafka clients' },
    });
    this.taskGroup = new SecurityGroup(this, 'tasks', {
      ...{ vpc, allowAllOutbound: false, description: 'Wadi: tasks of the Kafka gateway' },
    });
    for (const port of [props.kafkaPort, props.healthPort])
      this.balancerGroup.connections.allowTo(this.taskGroup, Port.tcp(port), 'Wadi: load balancer to tasks');
    // DynamoDB, S3, Lambda, Secrets Manager, logs and the registry of images.
    this.taskGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'AWS by TLS');
  }

  /** A NAT gateway costs more than two tasks; a public address costs $3.65 a month, and lets nobody in. */
  #makeVpc(): Vpc {
    const vpc = new Vpc(this, 'vpc', {
      ...{ natGateways: 0, maxAzs: 2 },
      subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 }],
      gatewayEndpoints: {
        s3: { service: GatewayVpcEndpointAwsService.S3 },
        dynamodb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    Validations.of(vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason:
        'Only the load balancer reaches the tasks, and who connects is in the log of the gateway; flow logs are billed by ' +
        'the GB of traffic. Pass a VPC of your own where an audit asks for them.',
    });
    return vpc;
  }
}
