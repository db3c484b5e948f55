// A gateway that stops while members of groups wait: each is told to look for another one, none that it has failed.
import { afterEach, expect, it } from 'vitest';
import { BrokerError } from '../../../lib/base/errors.ts';
import { groupErrorOf } from '../../../lib/kafka/handlers/group-errors.ts';
import { heartbeat } from '../../../lib/kafka/handlers/12-heartbeat.ts';
import { syncGroup } from '../../../lib/kafka/handlers/14-sync-group.ts';
import type { RequestContext } from '../../../lib/kafka/handlers/handler.ts';
import { JOIN_GROUP } from '../../../lib/kafka/protocol/apis/11-join-group.ts';
import { SYNC_GROUP } from '../../../lib/kafka/protocol/apis/14-sync-group.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';
import type { TestClient } from '../support/test-client.ts';

const COORDINATOR_NOT_AVAILABLE = 15;

let under: GatewayUnderTest | undefined;
afterEach(() => under?.stop());

const join = (client: TestClient, memberId: string) =>
  client.send(JOIN_GROUP, 3, {
    ...{ groupId: 'g', sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 300_000, memberId },
    ...{ groupInstanceId: null, protocolType: 'consumer', reason: null },
    protocols: [{ name: 'range', metadata: new Uint8Array() }],
  });
const sync = (client: TestClient, memberId: string, generationId: number) =>
  client.send(SYNC_GROUP, 3, {
    ...{ groupId: 'g', generationId, memberId, groupInstanceId: null },
    ...{ protocolType: null, protocolName: null, assignments: [] },
  });

/** Two members of one generation, the leader first, whose assignments nobody has given yet. */
async function twoMembers() {
  under = await startTestGateway();
  const [one, other] = [await under.connect(), await under.connect()];
  const first = await join(one, '');
  const joining = join(other, '');
  const [again, second] = [await join(one, first.memberId), await joining];
  expect([again.errorCode, second.errorCode]).toEqual([0, 0]);
  return { other, follower: second, gateway: under.gateway };
}

it('answers a JoinGroup that waits for others', async () => {
  const { gateway } = await twoMembers();
  // The two others are to join again, and do not.
  const third = (await under?.connect()) as TestClient;
  const waiting = join(third, '');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stopping = gateway.stop();
  expect(await waiting).toMatchObject({ errorCode: COORDINATOR_NOT_AVAILABLE });
  await stopping;
});

it('answers a SyncGroup that waits for the leader', async () => {
  const { other, follower, gateway } = await twoMembers();
  const waiting = sync(other, follower.memberId, follower.generationId);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stopping = gateway.stop();
  expect(await waiting).toMatchObject({ errorCode: COORDINATOR_NOT_AVAILABLE });
  await stopping;
});

it.each([
  ['REQUEST_TIMED_OUT', 15],
  ['THROTTLING_QUOTA_EXCEEDED', 15],
  ['KAFKA_STORAGE_ERROR', 16],
  ['COORDINATOR_LOAD_IN_PROGRESS', 14],
  ['UNKNOWN_MEMBER_ID', 25],
] as const)('says %s as %d', (code, wire) => {
  expect(groupErrorOf(new BrokerError(code, 'why'))).toEqual({ errorCode: wire, errorMessage: 'why' });
});

it('says of a coordinator that cannot answer yet what a member in its rebalance goes on from', async () => {
  const failing = () => Promise.reject(new BrokerError('COORDINATOR_LOAD_IN_PROGRESS', 'others write it'));
  const context = {
    broker: { groups: { syncGroup: failing, heartbeat: failing } },
  } as unknown as RequestContext;
  const member = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null };
  const asked = { ...member, protocolType: null, protocolName: null, assignments: [] };
  expect(await syncGroup.handle(context, asked as never)).toMatchObject({ errorCode: 27 });
  expect(await heartbeat.handle(context, member as never)).toMatchObject({ errorCode: 0 });
});
