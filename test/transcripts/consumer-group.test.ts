// Consumer groups (KIP-848) as transcripts: what clients say, and what comes of it. The language is in support.
import { expect, test } from 'vitest';
import { linesOf, replay } from './support/consumer-transcript.ts';
import type { GroupLimits } from '../../lib/groups/limits.ts';

const transcript = (title: string, text: string, limits?: Partial<GroupLimits>): void => {
  test(title, () => {
    const expected = linesOf(text).map((line) => line.replace(/ +-> /, ' -> '));
    expect(replay(text.replace(/ +-> /g, ' -> '), limits)).toEqual(expected);
  });
};

transcript(
  'the first member is given everything at once',
  `
  topic orders: 6
  A joins [orders] -> epoch 1, owns orders 0-5
  group            -> Stable 1 uniform; A@1 orders 0-5
  A beats          -> epoch 1
  `,
);

transcript(
  'a second member is given a partition only once the first one has given it up',
  `
  topic orders: 6
  A joins [orders] -> epoch 1, owns orders 0-5
  A applies        -> epoch 1
  B joins [orders] -> epoch 2, owns nothing
  group            -> Reconciling 2 uniform; A@1 orders 0-5; B@2 nothing
  A beats          -> epoch 1, owns orders 0-2
  group            -> Reconciling 2 uniform; A@1 orders 0-2 - orders 3-5; B@2 nothing
  B beats          -> epoch 2
  A beats          -> epoch 1
  A beats in full  -> epoch 1, owns orders 0-2
  B beats          -> epoch 2
  A applies        -> epoch 2
  B beats          -> epoch 2, owns orders 3-5
  group            -> Stable 2 uniform; A@2 orders 0-2; B@2 orders 3-5
  `,
);

transcript(
  'a member that leaves frees its partitions at once',
  `
  topic orders: 6
  A joins [orders] -> epoch 1, owns orders 0-5
  B joins [orders] -> epoch 2, owns nothing
  A leaves
  group            -> Reconciling 3 uniform; B@2 nothing
  B beats          -> epoch 3, owns orders 0-5
  `,
);

transcript(
  'three members, and one leaves: only what it had moves',
  `
  topic orders: 6
  A joins [orders] -> epoch 1, owns orders 0-5
  B joins [orders] -> epoch 2, owns nothing
  A beats          -> epoch 1, owns orders 0-2
  A applies        -> epoch 2
  B beats          -> epoch 2, owns orders 3-5
  C joins [orders] -> epoch 3, owns nothing
  A beats          -> epoch 2, owns orders 0-1
  B beats          -> epoch 2, owns orders 3-4
  A applies        -> epoch 3
  C beats          -> epoch 3, owns orders 2
  B applies        -> epoch 3
  C beats          -> epoch 3, owns orders 2,5
  C leaves
  A beats          -> epoch 4, owns orders 0-2
  B beats          -> epoch 4, owns orders 3-5
  group            -> Stable 4 uniform; A@4 orders 0-2; B@4 orders 3-5
  `,
);

transcript(
  'a member that is no longer heard of is removed when its lease ends, and must join again',
  `
  topic orders: 4
  A joins [orders] -> epoch 1, owns orders 0-3
  B joins [orders] -> epoch 2, owns nothing
  A falls silent
  44 s pass
  B beats          -> epoch 2
  1 s pass
  B beats          -> epoch 3, owns orders 0-3
  A beats          -> UNKNOWN_MEMBER_ID
  A leaves         -> UNKNOWN_MEMBER_ID
  A commits at epoch 1 -> UNKNOWN_MEMBER_ID
  A joins [orders] -> epoch 4, owns nothing
  `,
);

transcript(
  'a member that does not give up in time what it must is removed',
  `
  topic orders: 4
  A joins [orders] revoking in 10 s -> epoch 1, owns orders 0-3
  B joins [orders]                  -> epoch 2, owns nothing
  A beats                           -> epoch 1, owns orders 0-1
  9 s pass
  B beats                           -> epoch 2
  A beats                           -> epoch 1
  1 s pass
  A beats                           -> UNKNOWN_MEMBER_ID
  B beats                           -> epoch 3, owns orders 0-3
  `,
);

transcript(
  'nobody who gives up in time is removed',
  `
  topic orders: 4
  A joins [orders] revoking in 10 s -> epoch 1, owns orders 0-3
  B joins [orders]                  -> epoch 2, owns nothing
  A beats                           -> epoch 1, owns orders 0-1
  9 s pass
  A applies                         -> epoch 2
  20 s pass
  group                             -> Reconciling 2 uniform; A@2 orders 0-1; B@2 nothing
  B beats                           -> epoch 2, owns orders 2-3
  `,
);

transcript(
  'while a member gives up, the target may change, and it gets back what it is to keep',
  `
  topic orders: 4
  A joins [orders] -> epoch 1, owns orders 0-3
  B joins [orders] -> epoch 2, owns nothing
  A beats          -> epoch 1, owns orders 0-1
  B leaves
  A beats          -> epoch 1
  A applies        -> epoch 3, owns orders 0-3
  group            -> Stable 3 uniform; A@3 orders 0-3
  `,
);

transcript(
  "an epoch that is not the member's is fenced",
  `
  topic orders: 2
  A joins [orders]   -> epoch 1, owns orders 0-1
  A beats at epoch 2 -> FENCED_MEMBER_EPOCH
  topic orders: 4
  A beats            -> epoch 2, owns orders 0-3
  A beats at epoch 1 -> FENCED_MEMBER_EPOCH
  A beats            -> epoch 2
  `,
);

transcript(
  'a member that lost an answer says everything at the epoch before, and is told again',
  `
  topic orders: 2
  A joins [orders] -> epoch 1, owns orders 0-1
  A applies        -> epoch 1
  topic orders: 4
  A beats unheard  -> unheard
  A beats          -> FENCED_MEMBER_EPOCH
  A beats in full  -> epoch 2, owns orders 0-3
  A beats          -> epoch 2
  `,
);

transcript(
  'a member that is known joins again, and is told all that it may own',
  `
  topic orders: 2
  A joins [orders] -> epoch 1, owns orders 0-1
  A joins [orders] -> epoch 1, owns orders 0-1
  group            -> Stable 1 uniform; A@1 orders 0-1
  `,
);

transcript(
  'a member that joins again owns nothing, so what it was to give up is free',
  `
  topic orders: 2
  A joins [orders] -> epoch 1, owns orders 0-1
  B joins [orders] -> epoch 2, owns nothing
  A beats          -> epoch 1, owns orders 0
  A joins [orders] -> epoch 2, owns orders 0
  B beats          -> epoch 2, owns orders 1
  `,
);

transcript(
  'a static member goes away and is back under another id with what it had; nobody else is moved',
  `
  topic orders: 4
  A joins [orders] as instance i  -> epoch 1, owns orders 0-3
  B joins [orders]                -> epoch 2, owns nothing
  A beats                         -> epoch 1, owns orders 0-1
  A applies                       -> epoch 2
  B beats                         -> epoch 2, owns orders 2-3
  A goes away
  group                           -> Stable 2 uniform; A@2 away orders 0-1; B@2 orders 2-3
  B beats                         -> epoch 2
  C joins [orders] as instance i  -> epoch 2, owns orders 0-1
  B beats                         -> epoch 2
  `,
);

transcript(
  'an instance that has not gone away cannot be taken over; one that was is another member',
  `
  topic orders: 2
  A joins [orders] as instance i -> epoch 1, owns orders 0-1
  B joins [orders] as instance i -> UNRELEASED_INSTANCE_ID
  A goes away
  A2 joins [orders] as instance i -> epoch 1, owns orders 0-1
  A2 beats                       -> epoch 1
  `,
);

transcript(
  'a static member that does not come back is removed when its lease ends',
  `
  topic orders: 2
  A joins [orders] as instance i -> epoch 1, owns orders 0-1
  B joins [orders]               -> epoch 2, owns nothing
  A goes away
  44 s pass
  B beats                        -> epoch 2
  1 s pass
  B beats                        -> epoch 3, owns orders 0-1
  A2 joins [orders] as instance i -> epoch 4, owns nothing
  `,
);

transcript(
  'a member that goes away must be static',
  `
  topic orders: 2
  A joins [orders] -> epoch 1, owns orders 0-1
  A goes away      -> INVALID_REQUEST
  A beats          -> epoch 1
  `,
);

transcript(
  'a topic gets more partitions',
  `
  topic orders: 2
  A joins [orders] -> epoch 1, owns orders 0-1
  B joins [orders] -> epoch 2, owns nothing
  A beats          -> epoch 1, owns orders 0
  A applies        -> epoch 2
  B beats          -> epoch 2, owns orders 1
  topic orders: 4
  B beats          -> epoch 3, owns orders 1,3
  A beats          -> epoch 3, owns orders 0,2
  `,
);

transcript(
  'a topic that is made anew has other partitions: the old ones are given up, the new ones given',
  `
  topic orders: 2
  A joins [orders] -> epoch 1, owns orders 0-1
  topic orders made anew: 2
  A beats          -> epoch 1, owns nothing
  A applies        -> epoch 2, owns orders' 0-1
  `,
);

transcript(
  'a topic is deleted, and made later',
  `
  topic orders: 2
  topic bills: 1
  A joins [orders, bills] -> epoch 1, owns bills 0 orders 0-1
  topic orders: deleted
  A beats                 -> epoch 1, owns bills 0
  A applies               -> epoch 2
  topic orders: 1
  A beats                 -> epoch 3, owns bills 0 orders 0
  `,
);

transcript(
  'a member waits for a topic that is not there yet',
  `
  A joins [orders] -> epoch 1, owns nothing
  group            -> Stable 1 uniform; A@1 nothing
  topic orders: 1
  A beats          -> epoch 2, owns orders 0
  `,
);

transcript(
  'a regex matches whole names, also of topics that are made later, and no internal ones',
  `
  topic orders-eu: 1
  topic old-orders: 1
  topic my-orders-eu: 1
  topic __orders: 1
  A joins [] matching orders-.*  -> epoch 1, owns orders-eu 0
  topic orders-us: 1
  A beats                        -> epoch 2, owns orders-eu 0 orders-us 0
  B joins [] matching .*         -> epoch 3, owns my-orders-eu 0 old-orders 0
  A beats                        -> epoch 3
  topic orders-eu: deleted
  A beats                        -> epoch 3, owns orders-us 0
  C joins [] matching orders-(   -> INVALID_REGULAR_EXPRESSION
  D joins [] matching (a)\\1     -> INVALID_REGULAR_EXPRESSION
  `,
);

transcript(
  'names and a regex together',
  `
  topic orders-eu: 1
  topic bills: 1
  topic other: 1
  A joins [bills] matching orders-.* -> epoch 1, owns bills 0 orders-eu 0
  `,
);

transcript(
  'members that subscribe to different topics',
  `
  topic orders: 2
  topic bills: 2
  A joins [orders]        -> epoch 1, owns orders 0-1
  B joins [orders, bills] -> epoch 2, owns bills 0-1
  C joins [bills]         -> epoch 3, owns nothing
  A beats                 -> epoch 3
  B beats                 -> epoch 2, owns bills 0
  B applies               -> epoch 3
  C beats                 -> epoch 3, owns bills 1
  `,
);

transcript(
  'a member changes what it subscribes to',
  `
  topic orders: 2
  topic bills: 1
  A joins [orders]             -> epoch 1, owns orders 0-1
  A beats subscribing to [bills] -> epoch 1, owns nothing
  A applies                    -> epoch 2, owns bills 0
  A beats subscribing to [bills] -> epoch 2
  `,
);

transcript(
  "the assignor that most ask for is the group's",
  `
  topic orders: 2
  topic bills: 2
  A joins [orders, bills]              -> epoch 1, owns bills 0-1 orders 0-1
  group                                -> Stable 1 uniform; A@1 bills 0-1 orders 0-1
  B joins [orders, bills] with range   -> epoch 2, owns nothing
  A beats                              -> epoch 1, owns bills 0 orders 0
  A applies                            -> epoch 2
  B beats                              -> epoch 2, owns bills 1 orders 1
  group                                -> Stable 2 range; A@2 bills 0 orders 0; B@2 bills 1 orders 1
  C joins [orders] with sticky         -> UNSUPPORTED_ASSIGNOR
  C joins [] with uniform              -> epoch 3, owns nothing
  D joins [] with uniform              -> epoch 4, owns nothing
  group                                -> Reconciling 4 uniform; A@2 bills 0 orders 0; B@2 bills 1 orders 1; C@3 nothing; D@4 nothing
  `,
);

transcript(
  'who may commit',
  `
  topic orders: 2
  nobody commits       -> may
  A joins [orders]     -> epoch 1, owns orders 0-1
  nobody commits       -> UNKNOWN_MEMBER_ID
  A commits at epoch 1 -> may
  A commits at epoch 0 -> STALE_MEMBER_EPOCH
  A commits at epoch 2 -> STALE_MEMBER_EPOCH
  B commits at epoch 1 -> UNKNOWN_MEMBER_ID
  A leaves
  nobody commits       -> may
  `,
);

transcript(
  'a full group takes nobody else, but those who are in it',
  `
  topic orders: 2
  A joins [orders] as instance i -> epoch 1, owns orders 0-1
  B joins [orders]               -> GROUP_MAX_SIZE_REACHED
  A joins [orders] as instance i -> epoch 1, owns orders 0-1
  A goes away
  A2 joins [orders] as instance i -> epoch 1, owns orders 0-1
  `,
  { membersMax: 1 },
);
