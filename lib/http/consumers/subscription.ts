// /consumers/{group}/instances/{instance}/subscription: which topics a consumer reads as a member of its group.
import type { Context } from 'hono';
import { formatUuid } from '../../base/dice.ts';
import { BrokerError } from '../../base/errors.ts';
import type { InstanceSubscription } from '../../groups/instances.ts';
import { answerV2 } from '../answer.ts';
import { clientHostOf } from '../client-host.ts';
import type { ConsumeDeps, ConsumeRoute } from '../route.ts';
import { v2Answer } from '../schemas.ts';
import { commitDelivered } from './commit.ts';
import { consumerBody, readConsumerBody } from './consumer-body.ts';
import { illegalState } from './consumer-errors.ts';
import { subscribe, unsubscribe } from './instance-state.ts';
import { leaveGroup } from './membership.ts';
import { SubscriptionAnswer, SubscriptionBody } from './schemas-consumers.ts';
import { changeInstance, consumerDepsOf, instanceIdOf, type ConsumerDeps, type Session } from './session.ts';

async function postSubscription(c: Context, deps: ConsumeDeps): Promise<Response> {
  const subscription = subscriptionOf(await readConsumerBody(c, SubscriptionBody));
  if (subscription && 'pattern' in subscription) await checkPattern(deps, subscription.pattern);
  const consumerDeps = consumerDepsOf(deps);
  const memberId = formatUuid(deps.dice.bytes(16));
  await changeInstance(consumerDeps, instanceIdOf(c), (session) =>
    subscription
      ? { ...session, instance: subscribe(session.instance, subscription, memberId) }
      : giveUp(consumerDeps, session, clientHostOf(c)),
  );
  return new Response(null, { status: 204 });
}

/** undefined: an empty list, which ends the subscription as in Kafka's consumer. */
function subscriptionOf({
  topics,
  topic_pattern: pattern,
}: {
  readonly topics?: readonly string[] | null;
  readonly topic_pattern?: string | null;
}): InstanceSubscription | undefined {
  const [hasTopics, hasPattern] = [Array.isArray(topics), typeof pattern === 'string'];
  if (hasTopics && hasPattern) throw illegalState('topics and topic_pattern exclude each other, got both');
  if (typeof pattern === 'string') return { pattern };
  if (!topics) throw illegalState('topics or topic_pattern must be given, got neither');
  return topics.length === 0 ? undefined : { topics: [...new Set(topics)] };
}

/** Throws INVALID_REGULAR_EXPRESSION, which would else be told by the next read. */
async function checkPattern({ broker }: ConsumeDeps, pattern: string): Promise<void> {
  try {
    await broker.groups.matchTopics(pattern);
  } catch (error) {
    throw error instanceof BrokerError ? error.restated({ field: 'topic_pattern' }) : error;
  }
}

/** Ends whatever there is of subscription and assignment. What was delivered is committed first where it commits by itself. */
export async function giveUp(deps: ConsumerDeps, begun: Session, clientHost: string): Promise<Session> {
  const { subscription, partitions } = begun.instance;
  if (!subscription && partitions.length === 0) return begun;
  const session = await commitDelivered(deps, begun);
  await leaveGroup(deps, session, clientHost);
  return { ...session, instance: unsubscribe(session.instance) };
}

async function getSubscription(c: Context, deps: ConsumeDeps): Promise<Response> {
  const { subscription } = await changeInstance(consumerDepsOf(deps), instanceIdOf(c), (session) => session);
  const answer: SubscriptionAnswer = { topics: await topicsOf(deps, subscription) };
  return answerV2(c, answer);
}

/** With a pattern: those that match it now. */
async function topicsOf(
  { broker }: ConsumeDeps,
  subscription: InstanceSubscription | undefined,
): Promise<string[]> {
  if (!subscription) return [];
  if ('topics' in subscription) return [...subscription.topics];
  return [...(await broker.groups.matchTopics(subscription.pattern))];
}

async function deleteSubscription(c: Context, deps: ConsumeDeps): Promise<Response> {
  const consumerDeps = consumerDepsOf(deps);
  await changeInstance(consumerDeps, instanceIdOf(c), (session) =>
    giveUp(consumerDeps, session, clientHostOf(c)),
  );
  return new Response(null, { status: 204 });
}

const PATH = '/consumers/{group}/instances/{instance}/subscription';

/** The routes of a consumer's subscription. */
export const SUBSCRIPTION_ROUTES: readonly ConsumeRoute[] = [
  {
    method: 'POST',
    path: PATH,
    group: 'consume',
    operationId: 'subscribeConsumer',
    summary: 'Subscribe a consumer to topics',
    description:
      'Replaces what it was subscribed to before. The consumer joins its group, by the consumer protocol, when it reads.',
    body: consumerBody(SubscriptionBody),
    answers: { 204: { description: 'The consumer is subscribed' } },
    errors: [404, 409, 413, 415, 422],
    handle: postSubscription,
  },
  {
    method: 'GET',
    path: PATH,
    group: 'consume',
    operationId: 'getConsumerSubscription',
    summary: 'Get what a consumer is subscribed to',
    answers: { 200: v2Answer('The subscription', SubscriptionAnswer) },
    errors: [404, 406, 409],
    handle: getSubscription,
  },
  {
    method: 'DELETE',
    path: PATH,
    group: 'consume',
    operationId: 'unsubscribeConsumer',
    summary: 'End the subscription of a consumer',
    answers: { 204: { description: 'The consumer reads nothing any more' } },
    errors: [404, 409],
    handle: deleteSubscription,
  },
];
