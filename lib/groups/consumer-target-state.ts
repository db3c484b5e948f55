// The target of a consumer group: who is to have what, made anew whenever members, subscriptions or topics change.
import { ASSIGNORS, DEFAULT_ASSIGNOR } from './assignors/assignor.ts';
import { isSame } from './partitions-by-id.ts';
import type {
  ConsumerGroup,
  ConsumerMember,
  PartitionsById,
  SubscribedTopic,
} from '../storage/schema/consumer-group.ts';

/** Topics as they are: null: there is none of that name; undefined: nobody has looked, so that it is as the group knows it. */
export type TopicView = (name: string) => SubscribedTopic | null | undefined;

/** All that a member subscribes to, by name or by its regex. */
export const topicNamesOf = (member: ConsumerMember): readonly string[] => [
  ...new Set([...member.subscribedTopicNames, ...member.matchedTopicNames]),
];

/** The group with its topics as they are now; the same value where they are as it knows them. */
export function withTopics(group: ConsumerGroup, view: TopicView): ConsumerGroup {
  const names = [...new Set(Object.values(group.members).flatMap(topicNamesOf))].sort();
  const topics = Object.fromEntries(
    names.flatMap((name) => {
      const seen = view(name);
      const topic = seen === undefined ? knownTopic(group, name) : seen;
      return topic ? [[name, topic]] : [];
    }),
  );
  return areSame(group.topics, topics) ? group : { ...group, topics };
}

const knownTopic = ({ topics }: ConsumerGroup, name: string): SubscribedTopic | undefined =>
  Object.hasOwn(topics, name) ? topics[name] : undefined;

const areSame = (a: ConsumerGroup['topics'], b: ConsumerGroup['topics']): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(b).every(
    ([name, { topicId, partitions }]) =>
      Object.hasOwn(a, name) && a[name]?.topicId === topicId && a[name].partitions === partitions,
  );

/** The group at its next epoch, with a target for it. */
export function retarget(group: ConsumerGroup): ConsumerGroup {
  const assignor = electAssignor(group);
  const assign = ASSIGNORS[assignor];
  const ids = Object.keys(group.members).sort();
  const members = ids.map((memberId) => {
    const member = group.members[memberId] as ConsumerMember;
    const topicIds = topicNamesOf(member).flatMap((name) => knownTopic(group, name)?.topicId ?? []);
    return { ...member, memberId, topicIds: new Set(topicIds) };
  });
  const none: ReadonlyMap<string, PartitionsById> = new Map();
  const targets = assign?.(members, Object.values(group.topics)) ?? none;
  const groupEpoch = group.groupEpoch + 1;
  return {
    ...group,
    ...{ groupEpoch, assignmentEpoch: groupEpoch, assignor },
    members: Object.fromEntries(
      ids.map((memberId) => {
        const member = group.members[memberId] as ConsumerMember;
        const target = targets.get(memberId) ?? {};
        return [memberId, isSame(member.target, target) ? member : { ...member, target }];
      }),
    ),
  };
}

/** What most members ask for; of those that ask for nothing in particular, Kafka's default. Ties go by name. */
function electAssignor({ members }: ConsumerGroup): string {
  const votes = new Map<string, number>();
  for (const { serverAssignor } of Object.values(members))
    if (serverAssignor !== '') votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1);
  const [first] = [...votes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return first?.[0] ?? DEFAULT_ASSIGNOR;
}
