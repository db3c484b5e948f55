// Committing offsets, one request after the other, so that an older commit never comes after a younger one.
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import type { CommittedPartition, OffsetCommit } from '../../groups/groups.ts';
import { retry } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import type { ConsumerSettings } from './consumer-options.ts';

/** Who commits. Without a member the group must have none. */
export interface Committing {
  readonly memberId: string;
  /** Of the member now, 0 while it is out of the group; -1: no member. */
  readonly epoch: number;
  beatNow(): Promise<void>;
}

/** For a commit on behalf of no member, as a consumer with assigned partitions makes it. */
export const NO_MEMBER: Committing = { memberId: '', epoch: -1, beatNow: () => Promise.resolve() };

/** An offset that is to be committed. */
export interface DueCommit {
  readonly offset: OffsetCommit;
  /** Called when it is, before any other commit has its turn. */
  readonly onCommitted: () => void;
  /** Called when the request failed, likewise: nobody knows of what was repeated whether it is committed. */
  readonly onFailed: () => void;
}

/** How long one commit is tried: Kafka's default.api.timeout.ms. */
const COMMIT_TIMEOUT_MS = 60_000;

/** How often an epoch that is out of date is brought up to date for one commit. */
const REFRESHES_MAX = 3;

/** Owned by one consumer. */
export class Committer {
  readonly #deps: ClientDeps;
  readonly #groupId: string;
  readonly #settings: ConsumerSettings;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: ClientDeps, groupId: string, settings: ConsumerSettings) {
    this.#deps = deps;
    this.#groupId = groupId;
    this.#settings = settings;
  }

  /**
   * Commits what `due` answers when its turn comes, and again before each repetition: what was lost meanwhile is left out.
   * Throws the first error: of the request, of which nothing is then committed, or of a partition.
   */
  commit(member: Committing, due: () => readonly DueCommit[]): Promise<void> {
    const turn = this.#last.then(async () => {
      let sent: readonly DueCommit[] = [];
      const offsets = () => (sent = due()).map(({ offset }) => offset);
      const results = await this.#commit(member, offsets).catch((error: unknown) => {
        for (const { onFailed } of sent) onFailed();
        throw error;
      });
      for (const [at, { onCommitted }] of sent.entries()) if (results[at]?.error === undefined) onCommitted();
      const refused = results.find(({ error }) => error !== undefined);
      if (refused?.error !== undefined) throw refused.error;
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #commit(
    member: Committing,
    offsets: () => readonly OffsetCommit[],
  ): Promise<readonly CommittedPartition[]> {
    const { clock } = this.#deps;
    const options = { deadlineMs: clock.now() + COMMIT_TIMEOUT_MS, ...this.#settings.backoff };
    for (let refreshes = 0; ; refreshes++) {
      const { epoch } = member;
      try {
        return await retry(this.#deps, options, () => this.#attempt(member, offsets()));
      } catch (thrown) {
        const error = toBrokerError(thrown);
        if (!MEMBERSHIP_CODES.includes(error.code)) throw error;
        await member.beatNow();
        const isRefreshed = error.code === 'STALE_MEMBER_EPOCH' && member.epoch > 0 && member.epoch !== epoch;
        if (!isRefreshed || refreshes >= REFRESHES_MAX) throw notCommitted(error);
      }
    }
  }

  async #attempt(
    { memberId, epoch }: Committing,
    offsets: readonly OffsetCommit[],
  ): Promise<readonly CommittedPartition[]> {
    if (offsets.length === 0) return [];
    if (epoch === 0) throw new BrokerError('UNKNOWN_MEMBER_ID', `member ${memberId} is not in the group now`);
    const { groupInstanceId } = this.#settings;
    return this.#deps.broker.groups.commitOffsets({
      ...{ groupId: this.#groupId, memberId, generationOrMemberEpoch: epoch, offsets },
      ...(groupInstanceId !== undefined && memberId !== '' && { groupInstanceId }),
    });
  }
}

const MEMBERSHIP_CODES: readonly string[] = [
  'STALE_MEMBER_EPOCH',
  'FENCED_MEMBER_EPOCH',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
];

function notCommitted(error: BrokerError): BrokerError {
  const message = `nothing was committed, as the partitions are not this member's any more: ${error.message}; their records come again`;
  return error.restated({ message, outcome: 'not-applied' });
}
