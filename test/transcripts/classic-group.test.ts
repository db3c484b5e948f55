// The classic group protocol as transcripts: what members do, and what each is told. The language is in support.
import { AT_ONCE, transcript } from './support/classic-transcript.ts';

transcript(
  'the first member waits for others, then leads',
  `
  group                          -> Empty 0
  A joins [range, roundrobin]    -> waits
  group                          -> PreparingRebalance 0, leader A, members A
  2 s pass
  A looks                        -> waits
  1 s pass
  A looks                        -> generation 1, range, leader A, members A
  group                          -> CompletingRebalance 1, leader A, members A, without A
  A assigns A=t0,t1              -> is assigned t0,t1
  group                          -> Stable 1, leader A, members A
  A beats                        -> ok
  `,
);

transcript(
  'each new member puts the first rebalance off by the delay, as long as the rebalance timeout allows',
  `
  A joins [range] rebalance 7 s  -> waits
  2 s pass
  B joins [range] rebalance 7 s  -> waits
  1 s pass
  A looks                        -> waits
  2 s pass
  C joins [range] rebalance 7 s  -> waits
  1 s pass
  A looks                        -> waits
  D joins [range] rebalance 7 s  -> waits
  1 s pass
  A looks                        -> generation 1, range, leader A, members A B C D
  C looks                        -> generation 1, range, leader A
  `,
);

transcript(
  'the first member leads, and goes on leading, whatever its name',
  `
  B joins [range]                -> waits
  A joins [range]                -> waits
  6 s pass
  B looks                        -> generation 1, range, leader B, members A B
  A looks                        -> generation 1, range, leader B
  A syncs                        -> waits
  B assigns A=t0 B=t1            -> is assigned t1
  B joins [range]                -> waits
  A looks                        -> REBALANCE_IN_PROGRESS
  A joins [range]                -> generation 2, range, leader B
  `,
);

transcript(
  'without a delay the first member is alone at once, and the second makes it come back',
  `
  A joins [range]                -> generation 1, range, leader A, members A
  A assigns A=all                -> is assigned all
  B joins [range]                -> waits
  group                          -> PreparingRebalance 1, leader A, members A B, without A
  A beats                        -> REBALANCE_IN_PROGRESS
  A commits                      -> ok
  A joins [range]                -> generation 2, range, leader A, members A B
  B looks                        -> generation 2, range, leader A
  B syncs                        -> waits
  A beats                        -> ok
  A assigns A=t0 B=t1            -> is assigned t0
  B looks                        -> is assigned t1
  B beats                        -> ok
  group                          -> Stable 2, leader A, members A B
  `,
  AT_ONCE,
);

transcript(
  'a follower that syncs after the leader is answered at once; one that is not assigned anything gets nothing',
  `
  A joins [range]                -> waits
  B joins [range]                -> waits
  6 s pass
  A looks                        -> generation 1, range, leader A, members A B
  A assigns A=t0                 -> is assigned t0
  group                          -> Stable 1, leader A, members A B, without B
  B looks                        -> generation 1, range, leader A
  B syncs                        -> is assigned nothing
  group                          -> Stable 1, leader A, members A B
  `,
);

transcript(
  'a member is asked to come again with its id, and is waited for until its session ends',
  `
  A joins [range] asking for an id          -> is given id A
  group                                     -> Empty 0, pending A
  A joins [range] asking for an id          -> generation 1, range, leader A, members A
  A assigns A=all                           -> is assigned all
  B joins [range] asking for an id          -> is given id B
  group                                     -> Stable 1, leader A, members A, pending B
  A beats                                   -> ok
  A joins [range]                           -> waits
  group                                     -> PreparingRebalance 1, leader A, members A, pending B
  B joins [range]                           -> generation 2, range, leader A
  A looks                                   -> generation 2, range, leader A, members A B
  `,
  AT_ONCE,
);

transcript(
  'an id that nobody uses is forgotten, and a rebalance ends without it',
  `
  A joins [range]                              -> generation 1, range, leader A, members A
  A assigns A=all                              -> is assigned all
  B joins [range] asking for an id session 6 s -> is given id B
  A joins [range]                              -> waits
  5 s pass
  A looks                                      -> waits
  1 s pass
  A looks                                      -> generation 2, range, leader A, members A
  B joins [range]                              -> UNKNOWN_MEMBER_ID
  B joins [range] under no id asking for an id -> is given id B'
  `,
  AT_ONCE,
);

transcript(
  'a member whose session ends is removed, and the others rebalance',
  `
  A joins [range] session 10 s   -> waits
  B joins [range] session 30 s   -> waits
  6 s pass
  A looks                        -> generation 1, range, leader A, members A B
  A assigns A=t0 B=t1            -> is assigned t0
  B looks                        -> generation 1, range, leader A
  B syncs                        -> is assigned t1
  A falls silent
  9 s pass
  B beats                        -> ok
  1 s pass
  B beats                        -> REBALANCE_IN_PROGRESS
  group                          -> PreparingRebalance 1, leader B, members B, without B
  A beats                        -> UNKNOWN_MEMBER_ID
  B joins [range]                -> generation 2, range, leader B, members B
  A syncs                        -> UNKNOWN_MEMBER_ID
  A commits                      -> UNKNOWN_MEMBER_ID
  `,
);

transcript(
  'a group whose last member has gone silent is empty in a later generation',
  `
  A joins [range]                -> generation 1, range, leader A, members A
  A assigns A=all                -> is assigned all
  A falls silent
  10 s pass
  group                          -> Empty 2
  A joins [range]                -> UNKNOWN_MEMBER_ID
  A joins [range] under no id    -> generation 3, range, leader A', members A'
  `,
  AT_ONCE,
);

transcript(
  'who waits and has gone silent is not waited for',
  `
  A joins [range]                -> generation 1, range, leader A, members A
  A assigns A=all                -> is assigned all
  B joins [range]                -> waits
  B falls silent
  10 s pass
  group                          -> PreparingRebalance 1, leader A, members A, without A
  B looks                        -> UNKNOWN_MEMBER_ID
  A joins [range]                -> generation 2, range, leader A, members A
  `,
  AT_ONCE,
);

transcript(
  'members that do not join again in the longest rebalance timeout are removed, the leader too',
  `
  A joins [range] rebalance 20 s -> generation 1, range, leader A, members A
  A assigns A=all                -> is assigned all
  B joins [range] rebalance 30 s -> waits
  29 s pass
  A beats                        -> REBALANCE_IN_PROGRESS
  B looks                        -> waits
  1 s pass
  B looks                        -> generation 2, range, leader B, members B
  A beats                        -> UNKNOWN_MEMBER_ID
  A joins [range]                -> UNKNOWN_MEMBER_ID
  `,
  AT_ONCE,
);

transcript(
  'a leader that never assigns is removed with all who have not synced; who waits joins again',
  `
  A joins [range] rebalance 20 s -> waits
  B joins [range] rebalance 20 s -> waits
  6 s pass
  B looks                        -> generation 1, range, leader A
  B syncs                        -> waits
  19 s pass
  A beats generation 1           -> ok
  B looks                        -> waits
  1 s pass
  B looks                        -> REBALANCE_IN_PROGRESS
  A beats generation 1           -> UNKNOWN_MEMBER_ID
  B joins [range]                -> generation 2, range, leader B, members B
  `,
);

transcript(
  'a follower that never syncs is removed from a stable group',
  `
  A joins [range] rebalance 20 s -> waits
  B joins [range] rebalance 20 s -> waits
  6 s pass
  A looks                        -> generation 1, range, leader A, members A B
  A assigns A=t0 B=t1            -> is assigned t0
  B looks                        -> generation 1, range, leader A
  19 s pass
  group                          -> Stable 1, leader A, members A B, without B
  1 s pass
  group                          -> PreparingRebalance 1, leader A, members A, without A
  A beats                        -> REBALANCE_IN_PROGRESS
  B syncs                        -> UNKNOWN_MEMBER_ID
  `,
);

transcript(
  'a member that leaves makes the others rebalance, and the last one leaves an empty group',
  `
  A joins [range]                -> waits
  B joins [range]                -> waits
  6 s pass
  A looks                        -> generation 1, range, leader A, members A B
  A assigns A=t0 B=t1            -> is assigned t0
  A leaves                       -> ok
  group                          -> PreparingRebalance 1, leader B, members B, without B
  A leaves                       -> UNKNOWN_MEMBER_ID
  B joins [range]                -> generation 2, range, leader B, members B
  B leaves                       -> ok
  group                          -> Empty 3
  `,
);

transcript(
  'an id that was given out can be given back',
  `
  A joins [range]                   -> generation 1, range, leader A, members A
  A assigns A=all                   -> is assigned all
  B joins [range] asking for an id  -> is given id B
  A joins [range]                   -> waits
  B leaves                          -> ok
  A looks                           -> generation 2, range, leader A, members A
  `,
  AT_ONCE,
);

transcript(
  'a member that leaves the first rebalance does not end it',
  `
  A joins [range]                -> waits
  B joins [range]                -> waits
  B leaves                       -> ok
  group                          -> PreparingRebalance 0, leader A, members A
  6 s pass
  A looks                        -> generation 1, range, leader A, members A
  `,
);

transcript(
  'a leader that joins a stable group again asks for a rebalance; a follower only with other metadata',
  `
  A joins [range]                 -> waits
  B joins [range]                 -> waits
  6 s pass
  A looks                         -> generation 1, range, leader A, members A B
  A assigns A=t0 B=t1             -> is assigned t0
  B joins [range]                 -> generation 1, range, leader A
  B syncs                         -> is assigned t1
  B joins [range]                 -> generation 1, range, leader A
  group                           -> Stable 1, leader A, members A B
  B joins [range] with metadata v2 -> waits
  A joins [range]                 -> generation 2, range, leader A, members A B(v2)
  A assigns A=t0 B=t1             -> is assigned t0
  A joins [range]                 -> waits
  group                           -> PreparingRebalance 2, leader A, members A B, without B
  `,
);

transcript(
  'a member whose answer was lost joins again before the leader has assigned',
  `
  A joins [range]                  -> waits
  B joins [range]                  -> waits
  6 s pass
  A joins [range]                  -> generation 1, range, leader A, members A B
  B joins [range]                  -> generation 1, range, leader A
  group                            -> CompletingRebalance 1, leader A, members A B, without A B
  B joins [range] with metadata v2 -> waits
  A assigns A=t0 B=t1              -> REBALANCE_IN_PROGRESS
  `,
);

transcript(
  'a member that looks late is told the generation that was, and learns the rest when it syncs',
  `
  A joins [range]                -> waits
  B joins [range]                -> waits
  6 s pass
  C joins [range]                -> waits
  B looks                        -> generation 1, range, leader A
  B syncs                        -> REBALANCE_IN_PROGRESS
  `,
);

transcript(
  'members agree on what all have and most like best; where votes are even the leader decides',
  `
  A joins [range, roundrobin, sticky] -> waits
  B joins [sticky, roundrobin]        -> waits
  C joins [x, sticky, roundrobin]     -> waits
  9 s pass
  A looks                             -> generation 1, sticky, leader A, members A B C
  C leaves                            -> ok
  A joins [range, roundrobin, sticky] -> waits
  B joins [sticky, roundrobin]        -> generation 2, roundrobin, leader A
  `,
);

transcript(
  'a member without a protocol that all have, or of another type, is refused',
  `
  A joins [range]                       -> generation 1, range, leader A, members A
  B joins [roundrobin]                  -> INCONSISTENT_GROUP_PROTOCOL
  B joins [range] type connect          -> INCONSISTENT_GROUP_PROTOCOL
  B joins []                            -> INCONSISTENT_GROUP_PROTOCOL
  A assigns A=all protocol roundrobin   -> INCONSISTENT_GROUP_PROTOCOL
  A assigns A=all protocol range        -> is assigned all
  A leaves                              -> ok
  B joins []                            -> INCONSISTENT_GROUP_PROTOCOL
  B joins [connect] type connect        -> generation 3, connect, leader B, members B
  `,
  AT_ONCE,
);

transcript(
  'session timeouts lie between two limits',
  `
  A joins [range] session 5.999 s  -> INVALID_SESSION_TIMEOUT
  A joins [range] session 1801 s   -> INVALID_SESSION_TIMEOUT
  A joins [range] session 6 s      -> waits
  `,
);

transcript(
  'a full group takes nobody new; in a rebalance those who are there first have the places',
  `
  A joins [range]                       -> generation 1, range, leader A, members A
  B joins [range] asking for an id      -> is given id B
  C joins [range] asking for an id      -> GROUP_MAX_SIZE_REACHED
  B joins [range]                       -> waits
  C joins [range]                       -> waits
  A joins [range]                       -> GROUP_MAX_SIZE_REACHED
  60 s pass
  B looks                               -> generation 2, range, leader B, members B C
  B joins [range]                       -> generation 2, range, leader B, members B C
  C joins [range] with metadata v2      -> waits
  B joins [range]                       -> generation 3, range, leader B, members B C(v2)
  `,
  { ...AT_ONCE, membersMax: 2 },
);

transcript(
  'who commits must be of the generation, and of no generation only while there are no members',
  `
  nobody commits                 -> ok
  A joins [range]                -> waits
  nobody commits                 -> UNKNOWN_MEMBER_ID
  3 s pass
  A looks                        -> generation 1, range, leader A, members A
  A commits                      -> REBALANCE_IN_PROGRESS
  A assigns A=all                -> is assigned all
  A commits                      -> ok
  A commits generation 0         -> ILLEGAL_GENERATION
  A commits generation -1        -> ILLEGAL_GENERATION
  nobody commits                 -> UNKNOWN_MEMBER_ID
  nobody commits generation 1    -> UNKNOWN_MEMBER_ID
  A leaves                       -> ok
  A commits                      -> UNKNOWN_MEMBER_ID
  nobody commits                 -> ok
  `,
);

transcript(
  'a zombie of an earlier generation can neither sync, beat nor commit',
  `
  A joins [range]                -> generation 1, range, leader A, members A
  A assigns A=all                -> is assigned all
  A joins [range]                -> generation 2, range, leader A, members A
  A syncs A=all generation 1     -> ILLEGAL_GENERATION
  A beats generation 1           -> ILLEGAL_GENERATION
  A commits generation 1         -> ILLEGAL_GENERATION
  A beats generation 3           -> ILLEGAL_GENERATION
  A beats                        -> ok
  A assigns A=all                -> is assigned all
  `,
  AT_ONCE,
);
