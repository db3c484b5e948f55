// GET /groups and below: what groups there are, who is in them, how far they are behind; and removing them.
import { groupLag } from '../../broker/group-lag.ts';
import { answerPlain } from './answer-plain.ts';
import { readJsonBody } from '../json-body.ts';
import { PLAIN_JSON } from '../media-types.ts';
import { committedAnswer } from './member-routes.ts';
import { pathParameter, requireContentType } from '../request.ts';
import type { ConsumeRoute, Route } from '../route.ts';
import {
  CommittedPartitions,
  DeleteOffsetsBody,
  GroupDescriptionAnswer,
  GroupListings,
  PartitionLags,
} from './schemas-groups.ts';
import { v3Answer } from '../schemas.ts';

/** The routes that tell of groups. */
export const GROUP_DESCRIPTION_ROUTES: readonly ConsumeRoute[] = [
  {
    method: 'GET',
    path: '/groups',
    group: 'consume',
    operationId: 'listGroups',
    summary: 'List the groups',
    answers: { 200: v3Answer('The groups, by id', GroupListings) },
    errors: [406],
    handle: async (c, { broker }) => answerPlain(c, await broker.groups.listGroups()),
  },
  {
    method: 'GET',
    path: '/groups/{group}',
    group: 'consume',
    operationId: 'describeGroup',
    summary: 'Get a group with its members',
    answers: { 200: v3Answer('The group', GroupDescriptionAnswer) },
    errors: [404, 406],
    handle: async (c, { broker }) =>
      answerPlain(c, await broker.groups.describeGroup(pathParameter(c, 'group'))),
  },
  {
    method: 'GET',
    path: '/groups/{group}/lag',
    group: 'consume',
    operationId: 'getGroupLag',
    summary: 'Get how far a group is behind',
    answers: {
      200: v3Answer(
        'Each partition that is committed or assigned to a member of a consumer group',
        PartitionLags,
      ),
    },
    errors: [404, 406],
    handle: async (c, { broker }) => answerPlain(c, await groupLag(broker, pathParameter(c, 'group'))),
  },
];

/** The routes that remove groups, and what they have committed. */
export const GROUP_REMOVAL_ROUTES: readonly Route[] = [
  {
    method: 'DELETE',
    path: '/groups/{group}',
    group: 'admin',
    operationId: 'deleteGroup',
    summary: 'Delete a group that has no members, with its committed offsets',
    answers: { 204: { description: 'The group is gone' } },
    errors: [404, 409],
    handle: async (c, { broker }) => {
      await broker.groups.deleteGroup(pathParameter(c, 'group'));
      return new Response(null, { status: 204 });
    },
  },
  {
    method: 'DELETE',
    path: '/groups/{group}/offsets',
    group: 'admin',
    operationId: 'deleteGroupOffsets',
    summary: 'Delete committed offsets of a group',
    body: { required: true, content: { [PLAIN_JSON]: DeleteOffsetsBody } },
    answers: {
      200: v3Answer('What became of each partition, in the order of the request', CommittedPartitions),
    },
    errors: [404, 406, 409, 413, 415, 422],
    handle: async (c, { broker }) => {
      requireContentType(c, [PLAIN_JSON]);
      const { partitions } = await readJsonBody(c, DeleteOffsetsBody);
      const deleted = await broker.groups.deleteOffsets(pathParameter(c, 'group'), partitions);
      return answerPlain(c, committedAnswer(deleted));
    },
  },
];
