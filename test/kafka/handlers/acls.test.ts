// Requests about ACLs: refused as by Kafka without an authorizer, in the words of a real client and in every version.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { CREATE_ACLS } from '../../../lib/kafka/protocol/apis/30-create-acls.ts';
import { DELETE_ACLS } from '../../../lib/kafka/protocol/apis/31-delete-acls.ts';
import { DESCRIBE_ACLS } from '../../../lib/kafka/protocol/apis/29-describe-acls.ts';
import { kafkaJs } from '../support/clients.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';

let under: GatewayUnderTest;
beforeAll(async () => {
  under = await startTestGateway();
});
afterAll(() => under.stop());

const REFUSED = { errorCode: 54, errorMessage: 'there are no ACLs: who may connect may do everything' };
const ANY_ACL = { principal: 'User:a', host: '*', operation: 3, permissionType: 3 };
const ANY_FILTER = {
  ...{ resourceTypeFilter: 2, resourceNameFilter: null, patternTypeFilter: 3, principalFilter: null },
  ...{ hostFilter: null, operation: 1, permissionType: 1 },
};

it.each([1, 2, 3])('version %i of each is refused for each ACL', async (version) => {
  const client = await under.connect();
  expect(await client.send(DESCRIBE_ACLS, version, ANY_FILTER)).toMatchObject({ ...REFUSED, resources: [] });
  const creation = { resourceType: 2, resourceName: 't', resourcePatternType: 3, ...ANY_ACL };
  const created = await client.send(CREATE_ACLS, version, { creations: [creation, creation] });
  expect(created.results).toEqual([REFUSED, REFUSED]);
  const deleted = await client.send(DELETE_ACLS, version, { filters: [ANY_FILTER] });
  expect(deleted.filterResults).toEqual([{ ...REFUSED, matchingAcls: [] }]);
});

it('kafkajs understands the refusal', async () => {
  const admin = kafkaJs({ broker: under.address }).admin();
  await admin.connect();
  const acl = {
    ...{ resourceType: AclResourceTypes.TOPIC, resourceName: 't', principal: 'User:a', host: '*' },
    resourcePatternType: ResourcePatternTypes.LITERAL,
    ...{ operation: AclOperationTypes.READ, permissionType: AclPermissionTypes.ALLOW },
  };
  const refused = { type: 'SECURITY_DISABLED' };
  await expect(admin.createAcls({ acl: [acl] })).rejects.toMatchObject(refused);
  await expect(admin.describeAcls(acl)).rejects.toMatchObject(refused);
  await expect(admin.deleteAcls({ filters: [acl] })).rejects.toMatchObject(refused);
  await admin.disconnect();
});
