// Static members (KIP-345) of classic groups as transcripts: they come back under other ids. The language is in support.
import { AT_ONCE, transcript } from './support/classic-transcript.ts';

transcript(
  'a static member gets its id at once, also where others are asked to come again',
  `
  A joins [range] as instance i asking for an id -> waits
  group                                          -> PreparingRebalance 0, leader A, members A
  `,
);

transcript(
  'static members that do not join again stay until their session ends',
  `
  A joins [range] as instance i rebalance 20 s -> generation 1, range, leader A, members A
  A assigns A=all                              -> is assigned all
  B joins [range] rebalance 20 s               -> waits
  20 s pass
  B looks                                      -> generation 2, range, leader B, members A B
  group                                        -> CompletingRebalance 2, leader B, members A B, without A B
  B assigns A=t0 B=t1                          -> is assigned t1
  A beats                                      -> ILLEGAL_GENERATION
  A joins [range]                              -> generation 2, range, leader B
  A syncs                                      -> is assigned t0
  `,
  AT_ONCE,
);

transcript(
  'a rebalance that nobody joined goes on until somebody does',
  `
  A joins [range] as instance i rebalance 20 s -> generation 1, range, leader A, members A
  B joins [range] rebalance 20 s               -> waits
  B falls silent
  10 s pass
  group                                        -> PreparingRebalance 1, leader A, members A, without A
  100 s pass
  group                                        -> PreparingRebalance 1, leader A, members A, without A
  A joins [range]                              -> generation 2, range, leader A, members A
  `,
  AT_ONCE,
);

transcript(
  'several leave together; who is unknown or fenced is told so alone',
  `
  A joins [range] as instance i  -> waits
  B joins [range]                -> waits
  6 s pass
  X joins [range] as instance i  -> waits
  A and B and Z leave            -> FENCED_INSTANCE_ID, ok, UNKNOWN_MEMBER_ID
  group                          -> CompletingRebalance 2, leader X, members X, without X
  instance i leaves              -> ok
  instance i leaves              -> UNKNOWN_MEMBER_ID
  group                          -> Empty 3
  `,
);

transcript(
  'a static member comes back under another id: no rebalance, the same assignment, and the one before is fenced',
  `
  A joins [range]                            -> waits
  B joins [range] as instance i              -> waits
  6 s pass
  A looks                                    -> generation 1, range, leader A, members A B
  A assigns A=t0 B=t1                        -> is assigned t0
  B looks                                    -> generation 1, range, leader A
  B syncs                                    -> is assigned t1
  X joins [range] as instance i with metadata v2 -> generation 1, range, leader A
  group                                      -> Stable 1, leader A, members A X
  X syncs                                    -> is assigned t1
  A beats                                    -> ok
  B beats                                    -> FENCED_INSTANCE_ID
  B syncs                                    -> FENCED_INSTANCE_ID
  B commits                                  -> FENCED_INSTANCE_ID
  B joins [range]                            -> FENCED_INSTANCE_ID
  B leaves                                   -> FENCED_INSTANCE_ID
  X beats                                    -> ok
  `,
);

transcript(
  'a static member that comes back to a stable group is not waited for',
  `
  A joins [range]                -> waits
  B joins [range] as instance i  -> waits
  6 s pass
  A looks                        -> generation 1, range, leader A, members A B
  A assigns A=t0 B=t1            -> is assigned t0
  group                          -> Stable 1, leader A, members A B, without B
  X joins [range] as instance i  -> generation 1, range, leader A
  group                          -> Stable 1, leader A, members A X
  60 s pass
  group                          -> Stable 1, leader A, members A X
  `,
);

transcript(
  'who waits for the leader is told to join again, also where the next generation is there already',
  `
  A joins [range]                -> waits
  B joins [range] as instance i  -> waits
  6 s pass
  A looks                        -> generation 1, range, leader A, members A B
  B looks                        -> generation 1, range, leader A
  B syncs                        -> waits
  C joins [range]                -> waits
  A joins [range]                -> waits
  60 s pass
  A looks                        -> generation 2, range, leader A, members A B C
  B looks                        -> REBALANCE_IN_PROGRESS
  `,
);

transcript(
  'a static leader that comes back skips its assignment, and one that cannot takes itself for a follower',
  `
  A joins [range] as instance i              -> waits
  B joins [range]                            -> waits
  6 s pass
  A looks                                    -> generation 1, range, leader A, members A B
  A assigns A=t0 B=t1                        -> is assigned t0
  B looks                                    -> generation 1, range, leader A
  B syncs                                    -> is assigned t1
  A joins [range] under no id, able to skip  -> generation 1, range, leader A', members A' B, skips
  A syncs                                    -> is assigned t0
  A joins [range] under no id                -> generation 1, range, leader A'
  group                                      -> Stable 1, leader A'', members A'' B
  A syncs                                    -> is assigned t0
  A joins [range]                            -> waits
  B beats                                    -> REBALANCE_IN_PROGRESS
  `,
);

transcript(
  'a static member that comes back with other protocols makes a stable group rebalance',
  `
  A joins [range, roundrobin] as instance i  -> generation 1, range, leader A, members A
  A assigns A=all                            -> is assigned all
  A joins [roundrobin] under no id           -> generation 2, roundrobin, leader A', members A'
  `,
  AT_ONCE,
);

transcript(
  'a static member that comes back before the leader has assigned makes the group rebalance',
  `
  A joins [range]                -> waits
  B joins [range] as instance i  -> waits
  6 s pass
  A looks                        -> generation 1, range, leader A, members A B
  B looks                        -> generation 1, range, leader A
  B syncs                        -> waits
  X joins [range] as instance i  -> waits
  B looks                        -> FENCED_INSTANCE_ID
  A assigns A=t0 B=t1            -> REBALANCE_IN_PROGRESS
  A joins [range]                -> generation 2, range, leader A, members A X
  X looks                        -> generation 2, range, leader A
  `,
);

transcript(
  'a static member that waits is fenced by the one that takes its place',
  `
  A joins [range] as instance i  -> waits
  X joins [range] as instance i  -> waits
  A looks                        -> FENCED_INSTANCE_ID
  3 s pass
  X looks                        -> generation 1, range, leader X, members X
  `,
);

transcript(
  'who names an instance that the group does not know is no member',
  `
  A joins [range]                                 -> generation 1, range, leader A, members A
  B joins [range] under id A as instance i        -> UNKNOWN_MEMBER_ID
  C joins [range] asking for an id                -> is given id C
  C joins [range] as instance i                   -> INVALID_REQUEST
  `,
  AT_ONCE,
);

transcript(
  'a static member keeps its place in a full group, whether it has come back or not',
  `
  A joins [range] as instance i         -> generation 1, range, leader A, members A
  B joins [range]                       -> waits
  C joins [range]                       -> GROUP_MAX_SIZE_REACHED
  A joins [range]                       -> generation 2, range, leader A, members A B
  `,
  { ...AT_ONCE, membersMax: 2 },
);

transcript(
  'a static member replaces itself in a full group',
  `
  A joins [range] as instance i         -> generation 1, range, leader A, members A
  A assigns A=all                       -> is assigned all
  B joins [range]                       -> GROUP_MAX_SIZE_REACHED
  A joins [range] under no id           -> generation 1, range, leader A
  `,
  { ...AT_ONCE, membersMax: 1 },
);
