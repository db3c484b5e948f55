// /consumers/{group}/instances/{instance}/assignments: partitions that a consumer reads by itself, or has from its group.
import type { Context } from 'hono';
import { answerV2 } from '../answer.ts';
import type { ConsumeDeps, ConsumeRoute } from '../route.ts';
import { v2Answer } from '../schemas.ts';
import { commitDelivered } from './commit.ts';
import { consumerBody, readConsumerBody } from './consumer-body.ts';
import { assign } from './instance-state.ts';
import { resolvePlaces, sortedPlaces } from './places.ts';
import { PartitionsBody } from './schemas-consumers.ts';
import { changeInstance, consumerDepsOf, instanceIdOf } from './session.ts';

async function postAssignments(c: Context, deps: ConsumeDeps): Promise<Response> {
  const { partitions } = await readConsumerBody(c, PartitionsBody);
  const consumerDeps = consumerDepsOf(deps);
  const places = await resolvePlaces(deps, partitions);
  await changeInstance(consumerDeps, instanceIdOf(c), async (session) => {
    // Refused before anything is committed.
    assign(session.instance, places);
    const committed = await commitDelivered(consumerDeps, session);
    return { ...committed, instance: assign(committed.instance, places) };
  });
  return new Response(null, { status: 204 });
}

async function getAssignments(c: Context, deps: ConsumeDeps): Promise<Response> {
  const { partitions } = await changeInstance(consumerDepsOf(deps), instanceIdOf(c), (session) => session);
  const answer: PartitionsBody = { partitions: sortedPlaces(partitions) };
  return answerV2(c, answer);
}

const PATH = '/consumers/{group}/instances/{instance}/assignments';

/** The routes of a consumer's partitions. */
export const ASSIGNMENT_ROUTES: readonly ConsumeRoute[] = [
  {
    method: 'POST',
    path: PATH,
    group: 'consume',
    operationId: 'assignConsumer',
    summary: 'Assign partitions to a consumer by hand',
    description: 'Replaces what was assigned before; partitions that stay keep their positions.',
    body: consumerBody(PartitionsBody),
    answers: { 204: { description: 'The consumer reads these partitions' } },
    errors: [404, 409, 413, 415, 422],
    handle: postAssignments,
  },
  {
    method: 'GET',
    path: PATH,
    group: 'consume',
    operationId: 'getConsumerAssignment',
    summary: 'Get the partitions that a consumer reads',
    answers: { 200: v2Answer('Those assigned by hand, or by the group when it last read', PartitionsBody) },
    errors: [404, 406, 409],
    handle: getAssignments,
  },
];
