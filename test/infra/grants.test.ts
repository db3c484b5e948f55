// What callers are granted, path by path: every route of the API, tried with the granted topic and with its neighbours.
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { API_ROUTES } from '../../infra/constructs/api-routes.ts';
import { isAllowed, statementsOf } from './support/policy.ts';
import { ofType, synthesize, type Synthesized } from './support/template.ts';
import type { EventLog } from '../../infra/event-log.ts';
import type { Route } from '../../lib/http/route.ts';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';

/** What a caller with this grant alone may do. */
class Caller {
  readonly #synthesized: Synthesized;
  readonly #roleId: string;
  readonly #apiId: string;

  constructor(grant: (eventLog: EventLog, grantee: IGrantable) => void) {
    this.#synthesized = synthesize(
      {},
      {
        change: (eventLog, stack) => {
          grant(
            eventLog,
            new Role(stack, 'caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
          );
        },
      },
    );
    const idOf = (type: string, part: string) =>
      ofType(this.#synthesized, type).find(([id]) => id.includes(part))?.[0] ?? '';
    this.#roleId = idOf('AWS::IAM::Role', 'caller');
    this.#apiId = idOf('AWS::ApiGatewayV2::Api', 'api').toLowerCase();
  }

  may(method: string, path: string): boolean {
    const stage = `arn:aws:execute-api:us-east-1:123456789012:${this.#apiId}/$default`;
    const access = { action: 'execute-api:Invoke', resource: `${stage}/${method}${path}` };
    return isAllowed(statementsOf(this.#synthesized.resources, this.#roleId), access);
  }

  /** The routes it may use, with `topic` in the path. */
  routesWith(topic: string): readonly string[] {
    return API_ROUTES.filter(({ method, path }) => this.may(method, fill(path, topic))).map(keyOf);
  }

  mayStream(): boolean {
    const [functionId = ''] =
      ofType(this.#synthesized, 'AWS::Lambda::Function').find(([id]) => id.includes('streamfunction')) ?? [];
    const statements = statementsOf(this.#synthesized.resources, this.#roleId);
    const resource = `arn:${functionId.toLowerCase()}`;
    // A caller of a function URL needs both (AWS Lambda, "Control access to function URLs").
    return ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'].every((action) =>
      isAllowed(
        statements.map(({ Condition: _, ...statement }) => statement),
        { action, resource },
      ),
    );
  }
}

const keyOf = ({ method, path }: Route): string => `${method} ${path}`;

/** A path as a caller writes it. */
const fill = (path: string, topic: string): string =>
  path.replace(/\{topic(_name)?\}/, topic).replace(/\{(\w+)\}/g, (_, name: string) => `some-${name}`);

const namesTopic = ({ path }: Route): boolean => /\{topic(_name)?\}/.test(path);

const DESCRIBE = [
  'GET /topics/{topic}',
  'GET /topics/{topic}/partitions',
  'GET /topics/{topic}/partitions/{partition}',
  'GET /v3/clusters/{cluster_id}/topics/{topic_name}',
  'GET /v3/clusters/{cluster_id}/topics/{topic_name}/partitions',
  'GET /v3/clusters/{cluster_id}/topics/{topic_name}/partitions/{partition_id}',
];
const PRODUCE = [
  'POST /topics/{topic}',
  'POST /topics/{topic}/partitions/{partition}',
  'POST /v3/clusters/{cluster_id}/topics/{topic_name}/records',
];
const CLUSTER_ID = ['GET /v3/clusters'];
const PRODUCER_ID = ['POST /v3/clusters/{cluster_id}/producers'];
/** What no pattern covers for all topics, or for all partitions, without covering their records too. */
const DESCRIBE_PARTITION_V2 = 'GET /topics/{topic}/partitions/{partition}';
const CONFIGS = [
  'GET /v3/clusters/{cluster_id}/topics/{topic_name}/configs',
  'GET /v3/clusters/{cluster_id}/topics/{topic_name}/configs/{name}',
];
const CONSUME = [
  'GET /topics/{topic}/partitions/{partition}/offsets',
  'GET /topics/{topic}/partitions/{partition}/records',
];

/** Of consumer groups: they read whatever topic their members subscribe to, so that no grant for one topic covers them. */
const isOfGroups = (key: string): boolean => / \/(groups|consumers)\b|\/consumer-groups\b/.test(key);
const GROUPS = API_ROUTES.filter(({ group }) => group === 'consume')
  .map(keyOf)
  .filter(isOfGroups);

/** Topics that a careless pattern for `orders` would let in. */
const NEIGHBOURS = ['orders2', 'order', 'xorders', 'orders.eu', 'orders-eu', 'Orders', 'topics'];

/** Paths of no route, or of one with a strange parameter, that try to look like the granted topic's. */
const TRICKS = [
  'GET /topics/secret/partitions/0/records',
  'GET /topics/secret/partitions/orders/records',
  'POST /topics/secret/partitions/orders',
  'GET /v3/clusters/topics/topics/secret/partitions/orders',
  'GET /v3/clusters/orders/topics/secret',
  'POST /v3/clusters/orders/topics/secret/records',
  'GET /v3/clusters/c/topics/secret/configs/orders',
  'DELETE /v3/clusters/c/topics/orders',
  'POST /v3/clusters/c/topics',
];

describe('a grant to produce to one topic', () => {
  const caller = new Caller((eventLog, grantee) => {
    eventLog.grantProduce(grantee, 'orders');
  });

  it('covers producing, describing and producer ids, and nothing else', () => {
    const describing = DESCRIBE.filter((key) => key !== DESCRIBE_PARTITION_V2);
    expect(caller.routesWith('orders').toSorted()).toEqual(
      [...PRODUCE, ...describing, ...CLUSTER_ID, ...PRODUCER_ID].toSorted(),
    );
  });

  it.each(NEIGHBOURS)('covers no path of %s', (topic) => {
    expect(caller.routesWith(topic).toSorted()).toEqual([...CLUSTER_ID, ...PRODUCER_ID].toSorted());
  });

  it.each(TRICKS)('does not cover %s', (request) => {
    const [method = '', path = ''] = request.split(' ');
    expect(caller.may(method, path)).toBe(false);
  });
});

describe('a grant to consume one topic', () => {
  const caller = new Caller((eventLog, grantee) => {
    eventLog.grantConsume(grantee, 'orders');
  });

  it('covers reading and describing, and nothing else', () => {
    expect(caller.routesWith('orders').toSorted()).toEqual(
      [...CONSUME, ...DESCRIBE, ...CLUSTER_ID].toSorted(),
    );
    expect(caller.mayStream()).toBe(false);
  });

  it.each(NEIGHBOURS)('covers no path of %s', (topic) => {
    expect(caller.routesWith(topic)).toEqual(CLUSTER_ID);
  });

  it.each(TRICKS)('does not cover %s', (request) => {
    const [method = '', path = ''] = request.split(' ');
    expect(caller.may(method, path)).toBe(false);
  });
});

describe('a grant for all topics', () => {
  it('to produce covers every topic, reads no records, and makes no topic', () => {
    const caller = new Caller((eventLog, grantee) => {
      eventLog.grantProduce(grantee);
    });
    const describing = DESCRIBE.filter((key) => key.includes('/v3/') || key.endsWith('/partitions'));
    expect(caller.routesWith('anything').toSorted()).toEqual(
      [...PRODUCE, ...describing, ...CONFIGS, ...CLUSTER_ID, ...PRODUCER_ID].toSorted(),
    );
    expect(caller.mayStream()).toBe(false);
  });

  it('to consume covers every topic and the event stream', () => {
    const caller = new Caller((eventLog, grantee) => {
      eventLog.grantConsume(grantee);
    });
    expect(caller.routesWith('anything').toSorted()).toEqual(
      [...CONSUME, ...GROUPS, ...DESCRIBE, ...CONFIGS, ...CLUSTER_ID].toSorted(),
    );
    expect(caller.mayStream()).toBe(true);
  });

  it('to administer covers everything', () => {
    const caller = new Caller((eventLog, grantee) => {
      eventLog.grantAdmin(grantee);
    });
    expect(caller.routesWith('anything')).toEqual(API_ROUTES.map(keyOf));
    expect(caller.mayStream()).toBe(true);
  });
});

describe('a grant', () => {
  it.each(['*', 'orders*', 'or?ers', 'a/b', '', '..', '${aws:username}'])(
    'refuses %j as a topic',
    (topic) => {
      expect(
        () =>
          new Caller((eventLog, grantee) => {
            eventLog.grantProduce(grantee, topic);
          }),
      ).toThrow(/a topic name/);
    },
  );

  it('has every route of the table in one of the groups above', () => {
    const ofTopics = API_ROUTES.filter(namesTopic)
      .map(keyOf)
      .filter((key) => !isOfGroups(key));
    const administration = ofTopics.filter((key) => ![...PRODUCE, ...CONSUME, ...DESCRIBE].includes(key));
    expect(administration).toEqual(['DELETE /v3/clusters/{cluster_id}/topics/{topic_name}', ...CONFIGS]);
  });
});
