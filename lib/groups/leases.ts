// Leases of members: a member is one for as long as its lease lasts, and anybody may remove it afterwards.
import { LRUCache } from 'lru-cache';
import { LEASES, groupPk, leaseKey, leaseWrite, readLease } from '../storage/schema/group.ts';
import { queryAll } from '../storage/query-pages.ts';
import type { GroupDeps } from './group-deps.ts';

/** Of groups whose leases a process remembers the end of; of others it reads them each time. */
const GROUPS_KEPT = 10_000;
const LEASES_KEPT = 100_000;

/** However short leases are, they are not looked at more often. */
const CHECK_PAUSE_MS = 500;

const ROWS_AT_ONCE = 1_000;

/** What a process last saw of a group's leases. */
interface Seen {
  /** When they are to be looked at again: the earliest end among them. */
  readonly checkAtMs: number;
  readonly memberIds: ReadonlySet<string>;
}

/** Owned by one coordinator. */
export class Leases {
  readonly #deps: Pick<GroupDeps, 'items' | 'clock'>;
  readonly #seen = new Map<string, Seen>();
  /** Of leases that this process renewed. */
  readonly #ends = new LRUCache<string, number>({ max: LEASES_KEPT });

  constructor(deps: Pick<GroupDeps, 'items' | 'clock'>) {
    this.#deps = deps;
  }

  /** Makes the member's lease last for a session from now on; answers its end. A late call never shortens a lease. */
  async renew(groupId: string, memberId: string, sessionTimeoutMs: number): Promise<number> {
    const untilMs = this.#deps.clock.now() + sessionTimeoutMs;
    const { item, condition } = leaseWrite(groupId, memberId, untilMs);
    await this.#deps.items.put('groups', item, condition);
    this.#ends.set(`${groupId}\0${memberId}`, untilMs);
    return untilMs;
  }

  /**
   * The member was heard of: as `renew`, where a third of its session or more is over since the last time. A member that is
   * heard of at least every third of its session, as Kafka's clients are, never loses its lease.
   */
  async keepAlive(groupId: string, memberId: string, sessionTimeoutMs: number): Promise<void> {
    const key = `${groupId}\0${memberId}`;
    const isFresh = (endMs: number | undefined) =>
      endMs !== undefined && endMs - this.#deps.clock.now() > (sessionTimeoutMs * 2) / 3;
    if (isFresh(this.#ends.get(key)) || isFresh(await this.endOf(groupId, memberId))) return;
    await this.renew(groupId, memberId, sessionTimeoutMs);
  }

  /** The end of one member's lease; undefined: it has none. */
  async endOf(groupId: string, memberId: string): Promise<number | undefined> {
    const item = await this.#deps.items.get('groups', leaseKey(groupId, memberId), { consistent: false });
    return item && readLease(item)[1];
  }

  /** All leases of a group that have not ended, by member id, with their ends. */
  async read(groupId: string): Promise<ReadonlyMap<string, number>> {
    // Rows of members that have gone stay for an hour.
    const rows = await queryAll(this.#deps.items, 'groups', groupPk(groupId), {
      ...{ between: LEASES, limit: ROWS_AT_ONCE },
    });
    const nowMs = this.#deps.clock.now();
    const leases = new Map(rows.map(readLease).filter(([, untilMs]) => untilMs > nowMs));
    if (this.#seen.size >= GROUPS_KEPT) this.#seen.clear();
    const checkAtMs = Math.max(Math.min(...leases.values()), nowMs + CHECK_PAUSE_MS);
    this.#seen.set(groupId, { checkAtMs, memberIds: new Set(leases.keys()) });
    return leases;
  }

  /**
   * As `read`, where one of those that were seen last may have ended since, or one of `memberIds` was not among them; else
   * undefined. So a group without news costs a query of its leases in about two thirds of a session.
   */
  async readIfDue(
    groupId: string,
    memberIds: readonly string[],
  ): Promise<ReadonlyMap<string, number> | undefined> {
    const seen = this.#seen.get(groupId);
    const isKnown = seen !== undefined && memberIds.every((memberId) => seen.memberIds.has(memberId));
    if (isKnown && this.#deps.clock.now() < seen.checkAtMs) return undefined;
    return this.read(groupId);
  }
}
