// The uniform assignor: as many partitions for each as the subscriptions allow, and as few moves as that takes.
import type { AssignableMember, AssignableTopic } from './assignor.ts';
import type { PartitionsById } from '../../storage/schema/consumer-group.ts';

interface Place {
  readonly topicId: string;
  readonly partition: number;
}

/** A member while it is being decided what it is to have. */
interface Hand {
  readonly member: AssignableMember;
  readonly places: Place[];
}

/** As Kafka's UniformAssignor in what it promises: balanced within one where all subscribe alike, and sticky. */
export function assignUniform(
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
): ReadonlyMap<string, PartitionsById> {
  if (members.length === 0) return new Map();
  const subscribed = topics.filter(({ topicId }) => members.some(({ topicIds }) => topicIds.has(topicId)));
  const { hands, left } = keepTargets(members, subscribed);
  if (members.every(({ topicIds }) => isSame(topicIds, members[0]?.topicIds ?? new Set())))
    share(hands, left);
  else {
    giveToPoorest(hands, left);
    levelOut(hands);
  }
  return new Map(hands.map(({ member, places }) => [member.memberId, byTopic(places)]));
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one));

/** What members were to have and still may; and the rest, in the order of topics and partitions. */
function keepTargets(
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
): { readonly hands: readonly Hand[]; readonly left: readonly Place[] } {
  const counts = new Map(topics.map(({ topicId, partitions }) => [topicId, partitions]));
  const taken = new Map(topics.map(({ topicId }) => [topicId, new Set<number>()]));
  const hands = members.map((member): Hand => {
    const places: Place[] = [];
    for (const [topicId, partitions] of Object.entries(member.target)) {
      const of = taken.get(topicId);
      if (!of || !member.topicIds.has(topicId)) continue;
      for (const partition of partitions) {
        if (partition >= (counts.get(topicId) ?? 0) || of.has(partition)) continue;
        of.add(partition);
        places.push({ topicId, partition });
      }
    }
    return { member, places };
  });
  const left = topics.flatMap(({ topicId, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topicId, partition })).filter(
      ({ partition }) => !taken.get(topicId)?.has(partition),
    ),
  );
  return { hands, left };
}

/** All subscribe alike: each keeps up to its share, those who have more anyway keep the one that is left over. */
function share(hands: readonly Hand[], left: readonly Place[]): void {
  const count = left.length + hands.reduce((sum, { places }) => sum + places.length, 0);
  const quota = Math.floor(count / hands.length);
  let extras = count % hands.length;
  const pool = [...left];
  const wants: { readonly hand: Hand; readonly most: number }[] = [];
  for (const hand of hands.toSorted((a, b) => b.places.length - a.places.length)) {
    const most = quota + (extras > 0 ? 1 : 0);
    extras = Math.max(0, extras - 1);
    pool.push(...hand.places.splice(most));
    wants.push({ hand, most });
  }
  for (const { hand, most } of wants) hand.places.push(...pool.splice(0, most - hand.places.length));
}

/** Each partition to the subscriber that has the least; those that few may have go first. */
function giveToPoorest(hands: readonly Hand[], left: readonly Place[]): void {
  const subscribers = new Map<string, readonly Hand[]>();
  const of = (topicId: string) => {
    const known = subscribers.get(topicId) ?? hands.filter(({ member }) => member.topicIds.has(topicId));
    subscribers.set(topicId, known);
    return known;
  };
  const ordered = left.toSorted((a, b) => of(a.topicId).length - of(b.topicId).length);
  for (const place of ordered) poorest(of(place.topicId))?.places.push(place);
}

const poorest = (hands: readonly Hand[]): Hand | undefined =>
  hands.reduce<Hand | undefined>(
    (least, hand) => (least && least.places.length <= hand.places.length ? least : hand),
    undefined,
  );

/** Moves partitions from who has more to who has at least two less, until none such may have them. Each move levels the counts. */
function levelOut(hands: readonly Hand[]): void {
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false;
    for (const rich of hands.toSorted((a, b) => b.places.length - a.places.length)) {
      for (let at = rich.places.length - 1; at >= 0; at--) {
        const place = rich.places[at];
        if (!place) continue;
        const poor = poorest(hands.filter(({ member }) => member.topicIds.has(place.topicId)));
        if (!poor || rich.places.length - poor.places.length < 2) continue;
        rich.places.splice(at, 1);
        poor.places.push(place);
        hasMoved = true;
      }
    }
  }
}

function byTopic(places: readonly Place[]): PartitionsById {
  const topics: Record<string, number[]> = {};
  for (const { topicId, partition } of places) (topics[topicId] ??= []).push(partition);
  for (const partitions of Object.values(topics)) partitions.sort((a, b) => a - b);
  return topics;
}
