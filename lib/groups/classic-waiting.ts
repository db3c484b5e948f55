// Deciding on classic groups in the store: one command, or one look after the other for as long as a member waits, while its
// lease is kept alive.
import { BrokerError } from '../base/errors.ts';
import { emptyClassicGroup, type ClassicGroup } from '../storage/schema/classic-group.ts';
import { requireMember, unknownMember, type MemberIdentity } from './classic-members-state.ts';
import { decideClassic, type Decided } from './classic-state.ts';
import { hasOnlyExpired } from './expired.ts';
import type { Coordinator, Decide } from './coordinator.ts';
import type { Group, Moment, Step } from './group.ts';

/** Pure, and decided again where others were first. */
export type Command<Answer> = (group: ClassicGroup, moment: Moment) => Step<ClassicGroup, Answer>;

export interface DecideOptions {
  /** For what mostly changes nothing; see Coordinator.decideCheaply. */
  readonly isCheap?: boolean;
  /** Makes a group where there is none, or one of the other protocol without members; else that is an unknown member. */
  readonly isJoining?: boolean;
}

/** Decides and stores. Throws the command's refusal with the group's id in its message, and as Coordinator.decide. */
export async function decideOn<Answer>(
  coordinator: Coordinator,
  groupId: string,
  command: Command<Answer>,
  { isCheap = false, isJoining = false }: DecideOptions = {},
): Promise<Answer> {
  const decide: Decide<Decided<Answer>> = (stored, moment) =>
    named(groupId, () => {
      const group = classicOf(stored, moment, isJoining);
      return decideClassic(group, moment, coordinator.deps.limits, (ticked) => command(ticked, moment));
    });
  const decided = await (isCheap
    ? coordinator.decideCheaply(groupId, decide)
    : coordinator.decide(groupId, decide));
  if ('refusal' in decided) throw restated(groupId, decided.refusal);
  return decided.answer;
}

function named<T>(groupId: string, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    throw error instanceof BrokerError ? restated(groupId, error) : error;
  }
}

const restated = (groupId: string, error: BrokerError): BrokerError =>
  error.restated({ message: `group ${groupId}: ${error.message}`, field: error.field });

function classicOf(group: Group | undefined, moment: Moment, isJoining: boolean): ClassicGroup {
  if (group?.kind === 'classic') return group;
  if (!isJoining) throw unknownMember('');
  if (group && !hasOnlyExpired(group, moment)) {
    const count = Object.keys(group.members).length;
    const message = `it is a consumer group of ${count} members, got a member of the classic protocol`;
    throw new BrokerError('INCONSISTENT_GROUP_PROTOCOL', message);
  }
  return emptyClassicGroup(moment.nowMs);
}

/** What a look tells of a member. */
interface Look<Told> {
  readonly told: Told | undefined;
  readonly sessionTimeoutMs: number;
  /** When time alone may change the group; 0: never. */
  readonly deadlineMs: number;
}

/**
 * Looks until the member is told something else than undefined: at once, when this process changes the group, at its
 * deadline, and now and then for what other processes do. Throws what `look` throws, and REQUEST_TIMED_OUT (applied) where
 * the signal ends the wait: the member is one for as long as its lease lasts.
 */
export async function waitForGroup<Told>(
  coordinator: Coordinator,
  groupId: string,
  member: MemberIdentity,
  look: (group: ClassicGroup) => Told | undefined,
  signal?: AbortSignal,
): Promise<Told> {
  const { clock, pollMsMin, pollMsMax } = coordinator.deps;
  const command: Command<Look<Told>> = (group) => {
    const { sessionTimeoutMs } = requireMember(group, member);
    return { group, answer: { told: look(group), sessionTimeoutMs, deadlineMs: group.deadlineMs } };
  };
  for (let pollMs = pollMsMin; ; pollMs = Math.min(pollMs * 2, pollMsMax)) {
    const watch = coordinator.watch.watch(groupId);
    try {
      const { told, sessionTimeoutMs, deadlineMs } = await decideOn(coordinator, groupId, command);
      if (told !== undefined) return told;
      if (signal?.aborted) throw waitEnded(groupId, member);
      await coordinator.leases.keepAlive(groupId, member.memberId, sessionTimeoutMs);
      const untilDeadlineMs = deadlineMs > 0 ? Math.max(deadlineMs - clock.now(), 1) : Infinity;
      // Its lease is to be renewed meanwhile, however seldom this process has to look.
      const durationMs = Math.min(pollMs, untilDeadlineMs, sessionTimeoutMs / 3);
      await watch.wait({ durationMs, ...(signal && { signal }) });
    } finally {
      watch.stop();
    }
  }
}

const waitEnded = (groupId: string, { memberId }: MemberIdentity): BrokerError =>
  new BrokerError('REQUEST_TIMED_OUT', `member ${memberId} of group ${groupId} waits no longer`, {
    outcome: 'applied',
  });
