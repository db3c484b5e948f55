// Transcripts of a classic group: commands and what came of them, as text. A transcript is run line by line and written anew
// with what really came of each; the test compares the two.
import { expect, it } from 'vitest';
import { ClassicWorld, codeOf, type JoinOptions } from './classic-world.ts';
import type { JoinAnswer } from '../../../lib/groups/classic-join-state.ts';
import type { AssignmentsNeeded, SyncAnswer } from '../../../lib/groups/classic-sync-state.ts';
import type { GroupLimits } from '../../../lib/groups/limits.ts';

/*
 * A line is a command, or a command -> what came of it. Clients have names; a client's member id is its name, and name' and
 * so on for those that it is given later. Times pass all at once.
 *   A joins [range, roundrobin]       more: as instance i, under id X, with metadata m, type t, session 10 s,
 *                                     rebalance 60 s, asking for an id, able to skip
 *   A looks                           who waits is told what there is
 *   A assigns A=x B=y                 the leader's sync; A syncs: a sync without assignments; more: generation 1, protocol p
 *   A beats, A commits                more: generation 1
 *   nobody commits                    who is no member
 *   A leaves / A and B leave / instance i leaves
 *   A falls silent                    its lease is renewed no more
 *   3 s pass
 *   group                             its state and generation, and who is missing
 */

function toldOf(world: ClassicWorld, answer: JoinAnswer | SyncAnswer | AssignmentsNeeded): string {
  switch (answer.kind) {
    case 'waiting':
      return 'waits';
    case 'memberIdRequired':
      return `is given id ${answer.memberId}`;
    case 'assignmentsNeeded':
      return 'has to assign';
    case 'assigned': {
      const text = world.assignments.get(answer.assignmentsId)?.get(answer.slot);
      return text === undefined ? 'is assigned nothing' : `is assigned ${text}`;
    }
    case 'joined': {
      const { generation, protocolName, leader, members, skipAssignment } = answer;
      const ids = members.map(({ memberId, metadataHash }) => {
        const version = metadataHash.split(' ')[1] ?? '';
        return version === 'v1' ? memberId : `${memberId}(${version})`;
      });
      const list = ids.length > 0 ? `, members ${ids.join(' ')}` : '';
      return `generation ${generation}, ${protocolName}, leader ${leader}${list}${skipAssignment ? ', skips' : ''}`;
    }
  }
}

function groupText({ group }: ClassicWorld): string {
  const ids = Object.keys(group.members).sort();
  const isRebalancing = group.state === 'PreparingRebalance';
  const missing = ids.filter(
    (id) => group.members[id]?.[isRebalancing ? 'hasJoined' : 'hasSynced'] === false,
  );
  const pending = Object.keys(group.pendingMembers).sort();
  return [
    `${group.state} ${group.generation}`,
    ...(ids.length > 0 ? [`leader ${group.leader}`, `members ${ids.join(' ')}`] : []),
    ...(missing.length > 0 ? [`without ${missing.join(' ')}`] : []),
    ...(pending.length > 0 ? [`pending ${pending.join(' ')}`] : []),
  ].join(', ');
}

/** Options in words, each taken away from the text; what is left must be empty. */
function joinOptions(protocols: string, words: string): JoinOptions {
  let rest = words;
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest);
    if (found) rest = rest.replace(pattern, '');
    return found?.[1] ?? (found ? '' : undefined);
  };
  const text = (key: string, pattern: RegExp) => {
    const value = take(pattern);
    return value === undefined ? {} : { [key]: value };
  };
  const seconds = (key: string, pattern: RegExp) => {
    const value = take(pattern);
    return value === undefined ? {} : { [key]: Number(value) * 1_000 };
  };
  const options = {
    protocolNames: protocols.split(',').flatMap((name) => name.trim() || []),
    ...text('groupInstanceId', /\bas instance (\S+)/),
    ...text('memberId', /\bunder id (\S+)/),
    ...(take(/\bunder no id/) !== undefined && { memberId: '' }),
    ...text('metadata', /\bwith metadata (\S+)/),
    ...text('protocolType', /\btype (\S+)/),
    ...seconds('sessionTimeoutMs', /\bsession (\S+) s\b/),
    ...seconds('rebalanceTimeoutMs', /\brebalance (\S+) s\b/),
    requiresKnownMemberId: take(/\basking for an id/) !== undefined,
    supportsSkippingAssignment: take(/\bable to skip/) !== undefined,
  };
  if (rest.replaceAll(',', '').trim() !== '') throw new Error(`unknown words in a transcript: ${rest}`);
  return options;
}

/** Undefined: the command has nothing to tell. */
type Handler = (world: ClassicWorld, ...words: string[]) => string | undefined;

const done = (call: () => unknown): string => {
  const code = codeOf(call);
  return typeof code === 'string' ? code : 'ok';
};
const numberOf = (word: string | undefined): number | undefined => (word ? Number(word) : undefined);
const leftText = (world: ClassicWorld, members: Parameters<ClassicWorld['leave']>[0]): string => {
  const left = codeOf(() => world.leave(members));
  if (typeof left === 'string') return left;
  return left.map(({ error }) => error?.code ?? 'ok').join(', ');
};

const COMMANDS: readonly (readonly [RegExp, Handler])[] = [
  [
    /^(\S+) joins \[(.*?)\](.*)$/,
    (world, name = '', protocols = '', words = '') => {
      const told = codeOf(() => world.join(name, joinOptions(protocols, words)));
      return typeof told === 'string' ? told : toldOf(world, told);
    },
  ],
  [
    /^(\S+) looks$/,
    (world, name = '') => {
      const told = codeOf(() => world.look(name));
      return typeof told === 'string' ? told : toldOf(world, told);
    },
  ],
  [
    /^(\S+) (?:syncs|assigns)((?: \S+=\S+)*)(?: generation (\d+))?(?: protocol (\S+))?$/,
    (world, name = '', assigned = '', generation = '', protocolName = '') => {
      const pairs = assigned
        .trim()
        .split(' ')
        .map((pair) => pair.split('=') as [string, string]);
      const assignments = assigned === '' ? {} : Object.fromEntries(pairs);
      const at = numberOf(generation);
      const told = codeOf(() =>
        world.sync(name, assignments, {
          ...(at !== undefined && { generation: at }),
          ...(protocolName !== '' && { protocolName }),
        }),
      );
      return typeof told === 'string' ? told : toldOf(world, told);
    },
  ],
  [
    /^(\S+) beats(?: generation (-?\d+))?$/,
    (world, name = '', generation = '') =>
      done(() => {
        world.heartbeat(name, numberOf(generation));
      }),
  ],
  [
    /^(\S+) commits(?: generation (-?\d+))?$/,
    (world, name = '', generation = '') =>
      done(() => {
        world.commit(name === 'nobody' ? undefined : name, numberOf(generation));
      }),
  ],
  [
    /^instance (\S+) leaves$/,
    (world, groupInstanceId = '') => leftText(world, [{ memberId: '', groupInstanceId }]),
  ],
  [
    /^(\S+(?: and \S+)*) leaves?$/,
    (world, names = '') =>
      leftText(
        world,
        names.split(' and ').map((name) => {
          const { memberId, groupInstanceId } = world.client(name);
          return { memberId, ...(groupInstanceId !== undefined && { groupInstanceId }) };
        }),
      ),
  ],
  [
    /^(\S+) falls silent$/,
    (world, name = '') => {
      world.fallSilent(name);
      return undefined;
    },
  ],
  [
    /^(\S+) s pass$/,
    (world, seconds = '') => {
      world.pass(Number(seconds) * 1_000);
      return undefined;
    },
  ],
  [/^group$/, groupText],
];

/** Runs a transcript; answers its lines with what really came of each. Throws for what it does not understand. */
function runTranscript(text: string, limits: Partial<GroupLimits> = {}): readonly string[] {
  const world = new ClassicWorld(limits);
  return linesOf(text).map((line) => {
    const command = line.split(' -> ')[0] ?? '';
    for (const [pattern, run] of COMMANDS) {
      const match = pattern.exec(command);
      if (!match) continue;
      const told = run(world, ...match.slice(1).map((word: string | undefined) => word ?? ''));
      return told === undefined ? command : `${command} -> ${told}`;
    }
    throw new Error(`a transcript has a line that nobody understands: ${line}`);
  });
}

/** The lines of a transcript, without indents, empty lines and runs of blanks. */
const linesOf = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => line.trim().replaceAll(/\s+/g, ' ') || []);

/** Groups that do not wait for more members at first. */
export const AT_ONCE: Partial<GroupLimits> = { initialRebalanceDelayMs: 0 };

/** A test: what comes of each line is what the transcript says. Limits are Kafka's defaults, but those that are given. */
export function transcript(title: string, text: string, limits: Partial<GroupLimits> = {}): void {
  it(title, () => {
    expect(runTranscript(text, limits)).toEqual(linesOf(text));
  });
}
