// Transcripts of a consumer group: commands and what came of them, as text. A transcript is run line by line and written anew
// with what really came of each; the test compares the two.
import { BrokerError } from '../../../lib/base/errors.ts';
import { stateOf, type Beaten } from '../../../lib/groups/consumer-state.ts';
import { ConsumerWorld } from './consumer-world.ts';
import type { GroupLimits } from '../../../lib/groups/limits.ts';
import type { PartitionsById } from '../../../lib/storage/schema/consumer-group.ts';

/*
 * A line is a command, or a command -> what came of it. A client's name is its member id. What it owns is told where the
 * answer tells it.
 *   topic orders: 6                   it is made, or has so many partitions now; "made anew: 6" has another id; "deleted"
 *   A joins [orders, bills]           more: matching REGEX, as instance i, with ASSIGNOR, revoking in 10 s
 *   A beats                           more: at epoch 1, in full, unheard (no answer arrives), subscribing to [x]
 *   A applies                         it does as it was last told, and says so in a heartbeat
 *   A leaves / A goes away            for good, or a static member for a while
 *   A falls silent / 45 s pass
 *   A commits at epoch 1 / nobody commits
 *   group                             its state, epoch and assignor, and of each member epoch and partitions, "-" what it gives up
 */

function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < numbers.length;) {
    let end = at;
    while (numbers[end + 1] === (numbers[end] ?? 0) + 1) end++;
    parts.push(end === at ? `${numbers[at] ?? ''}` : `${numbers[at] ?? ''}-${numbers[end] ?? ''}`);
    at = end + 1;
  }
  return parts.join(',');
}

/** Topic ids are the names, and name' and so on for topics that were made anew. */
const partitionsText = (partitions: PartitionsById): string =>
  Object.entries(partitions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([topicId, list]) => `${topicId} ${ranges(list)}`)
    .join(' ') || 'nothing';

const beatenText = ({ memberEpoch, assigned }: Beaten): string =>
  `epoch ${memberEpoch}${assigned ? `, owns ${partitionsText(assigned)}` : ''}`;

function groupText({ group }: ConsumerWorld): string {
  const members = Object.entries(group.members)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([memberId, { memberEpoch, assigned, revoking, isAway }]) => {
      const givesUp = Object.keys(revoking).length > 0 ? ` - ${partitionsText(revoking)}` : '';
      return `${memberId}@${memberEpoch}${isAway ? ' away' : ''} ${partitionsText(assigned)}${givesUp}`;
    });
  return [`${stateOf(group)} ${group.groupEpoch} ${group.assignor}`, ...members].join('; ');
}

const namesOf = (list: string): readonly string[] => list.split(',').flatMap((name) => name.trim() || []);

function setTopic({ topics }: ConsumerWorld, name: string, what: string): void {
  const before = topics.get(name);
  if (what === 'deleted') topics.delete(name);
  else {
    const isAnew = what.startsWith('made anew: ');
    const topicId = isAnew ? `${before?.topicId ?? name}'` : (before?.topicId ?? name);
    topics.set(name, { topicId, partitions: Number(what.replace('made anew: ', '')) });
  }
}

function join(world: ConsumerWorld, memberId: string, names: string, words: string): string {
  const word = (pattern: RegExp): string | undefined => pattern.exec(words)?.[1];
  const [regex, instance] = [word(/matching (\S+)/), word(/as instance (\S+)/)];
  const [assignor, seconds] = [word(/with (\S+)/), word(/revoking in (\d+) s/)];
  return beatenText(
    world.join(memberId, {
      subscribedTopicNames: namesOf(names),
      ...(regex !== undefined && { subscribedTopicRegex: regex }),
      ...(instance !== undefined && { groupInstanceId: instance }),
      ...(assignor !== undefined && { serverAssignor: assignor }),
      ...(seconds !== undefined && { rebalanceTimeoutMs: Number(seconds) * 1_000 }),
    }),
  );
}

function beat(world: ConsumerWorld, memberId: string, words: string): string {
  if (words === 'in full') return beatenText(world.beatInFull(memberId));
  const epoch = /at epoch (\d+)/.exec(words)?.[1];
  const names = /subscribing to \[(.*)\]/.exec(words)?.[1];
  const fields = names === undefined ? {} : { subscribedTopicNames: namesOf(names) };
  const isHeard = !words.includes('unheard');
  const answer = world.beat(memberId, fields, {
    isHeard,
    ...(epoch !== undefined && { epoch: Number(epoch) }),
  });
  return isHeard ? beatenText(answer) : 'unheard';
}

const COMMANDS: readonly (readonly [
  RegExp,
  (world: ConsumerWorld, ...words: string[]) => string | undefined,
])[] = [
  [
    /^topic (\S+?):? ((?:made anew: )?\d+|deleted)$/,
    (world, name = '', what = '') => {
      setTopic(world, name, what);
      return undefined;
    },
  ],
  [/^(\S+) joins \[(.*?)\](.*)$/, (world, id = '', names = '', words = '') => join(world, id, names, words)],
  [/^(\S+) beats ?(.*)$/, (world, id = '', words = '') => beat(world, id, words)],
  [/^(\S+) applies$/, (world, id = '') => beatenText(world.apply(id))],
  [
    /^(\S+) (leaves|goes away)$/,
    (world, id = '', how) => {
      world.leave(id, how === 'leaves' ? -1 : -2);
      return undefined;
    },
  ],
  [
    /^(\S+) falls silent$/,
    (world, id = '') => {
      world.client(id).isSilent = true;
      return undefined;
    },
  ],
  [
    /^(\d+) s pass$/,
    (world, seconds) => {
      world.pass(Number(seconds) * 1_000);
      return undefined;
    },
  ],
  [
    /^nobody commits$/,
    (world) => {
      world.commit('', -1);
      return 'may';
    },
  ],
  [
    /^(\S+) commits at epoch (\d+)$/,
    (world, id = '', epoch) => {
      world.commit(id, Number(epoch));
      return 'may';
    },
  ],
  [
    /^group$/,
    (world) => {
      world.look();
      return groupText(world);
    },
  ],
];

function run(world: ConsumerWorld, command: string): string | undefined {
  for (const [pattern, act] of COMMANDS) {
    const found = pattern.exec(command);
    if (!found) continue;
    try {
      return act(world, ...found.slice(1));
    } catch (error) {
      if (error instanceof BrokerError) return error.code;
      throw error;
    }
  }
  throw new Error(`no such command: ${command}`);
}

/** The transcript's lines without what surrounds them. */
export const linesOf = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => line.trim() || []);

/** Each line with what came of its command. */
export function replay(text: string, limits: Partial<GroupLimits> = {}): readonly string[] {
  const world = new ConsumerWorld(limits);
  return linesOf(text).map((line) => {
    const command = line.split(' -> ')[0] ?? '';
    const outcome = run(world, command);
    return outcome === undefined ? command : `${command} -> ${outcome}`;
  });
}
