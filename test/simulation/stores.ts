// The stores of a simulation: the embedded evaluators in memory, seen by each process through the network. They forget what
// has expired at any time after, answer eventually consistent reads with what was, and watch what may only rise.
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import { HEAD, readHead } from '../../lib/storage/schema/head.ts';
import { HOT_PREFIX } from '../../lib/storage/schema/object-key.ts';
import type { EmbeddedItemStore } from '../../lib/storage/embedded/embedded-item-store.ts';
import type {
  Item,
  ItemKey,
  ItemStore,
  TableName,
  TransactWrite,
} from '../../lib/storage/ports/item-store.ts';
import type { ObjectStore } from '../../lib/storage/ports/object-store.ts';
import type { LogLimits } from '../../lib/log/limits.ts';
import type { Network } from './network.ts';
import { checkConsumerGroup } from '../../lib/groups/consumer-reconcile-state.ts';
import { readGroup } from '../../lib/storage/schema/group.ts';
import { readOffset } from '../../lib/storage/schema/committed-offset.ts';
import type { GroupVersion, OffsetVersion } from './history.ts';
import type { SimProcess } from './process.ts';
import type { Scheduler } from './scheduler.ts';

/** How many versions of an item an old read may see, and how old it may be: DynamoDB is at it within a second. */
const VERSIONS_KEPT = 6;
const STALE_MS_MAX = 60_000;

/** An item as it was until a time; Infinity: as it is. */
interface Version {
  readonly item: Item | undefined;
  untilMs: number;
}

const keyOf = ({ pk, sk }: ItemKey): string => (sk === undefined ? pk : `${pk} ${sk}`);
const keyOfItem = (item: Item): ItemKey => ({
  pk: item['pk'] as string,
  ...(typeof item['sk'] === 'string' && { sk: item['sk'] }),
});

export class SimStores {
  readonly items: EmbeddedItemStore;
  readonly files: ObjectStore;
  readonly #network: Network;
  readonly #limits: LogLimits;
  readonly #versions = new Map<string, Version[]>();
  readonly #scheduler: Scheduler;
  /** What went down that may only rise, and partitions that two members own. */
  readonly violations: string[] = [];
  /** What each group was, from each of its writes on. */
  readonly groupVersions: GroupVersion[] = [];
  /** What each committed offset was, from each of its writes on. */
  readonly offsetVersions: OffsetVersion[] = [];
  /** Whose offsets are under an id. */
  readonly #groupOf = new Map<string, string>();

  constructor(scheduler: Scheduler, network: Network, limits: LogLimits) {
    this.#limits = limits;
    this.#scheduler = scheduler;
    const clock = {
      now: () => scheduler.nowMs,
      sleep: () => Promise.reject(new Error('stores do not sleep')),
    };
    this.items = createMemoryItemStore({ clock });
    this.files = createMemoryObjectStore({ clock });
    this.#network = network;
  }

  /** The stores as a process sees them. */
  seenBy(process: SimProcess): { items: ItemStore; files: ObjectStore } {
    return { items: this.#itemsFor(process), files: this.#filesFor(process) };
  }

  /** Removes what has expired, as TTL and lifecycle rules do, whenever that is. */
  async expire(nowMs: number, hotExpiryMs: number): Promise<number> {
    const removed = await this.items.removeExpired(nowMs);
    const old = (await this.files.list(HOT_PREFIX, undefined, 10_000)).filter(
      ({ lastModifiedMs }) => lastModifiedMs + hotExpiryMs < nowMs,
    );
    await this.files.delete(old.map(({ key }) => key));
    return removed + old.length;
  }

  #itemsFor(process: SimProcess): ItemStore {
    const { items } = this;
    const read = <Result>(what: string, apply: () => Promise<Result>) =>
      this.#network.send(process, {
        ...{ what, apply, isWrite: false, isTransaction: false },
        describe: describeRead,
      });
    const write = <Result extends { applied: boolean }>(
      what: string,
      changed: readonly (readonly [TableName, ItemKey])[],
      apply: () => Promise<Result>,
    ) =>
      this.#network.send(process, {
        ...{ what, isWrite: true, isTransaction: what.startsWith('transact') },
        describe: ({ applied }) => (applied ? 'applied' : 'condition failed'),
        apply: async () => {
          const result = await apply();
          if (result.applied) for (const [table, key] of changed) await this.#keepVersion(table, key);
          return result;
        },
      });
    return {
      get: (table, key, options) =>
        read(`get ${table} ${keyOf(key)}`, () =>
          options?.consistent === false ? this.#someVersion(table, key) : items.get(table, key),
        ),
      getMany: (table, keys, options) =>
        read(`getMany ${table} ${keys.length}`, () =>
          options?.consistent === false
            ? Promise.all(keys.map((key) => this.#someVersion(table, key)))
            : items.getMany(table, keys),
        ),
      query: (table, pk, options) =>
        read(`query ${table} ${pk} ${options.between?.join(' to ') ?? ''}`, () =>
          items.query(table, pk, options),
        ),
      scan: (table, options) => read(`scan ${table}`, () => items.scan(table, options)),
      put: (table, item, condition) =>
        write(`put ${table} ${keyOf(keyOfItem(item))}`, [[table, keyOfItem(item)]], () =>
          items.put(table, item, condition),
        ),
      update: (table, key, actions, condition) =>
        write(`update ${table} ${keyOf(key)}`, [[table, key]], () =>
          items.update(table, key, actions, condition),
        ),
      delete: (table, key, condition) =>
        write(`delete ${table} ${keyOf(key)}`, [[table, key]], () => items.delete(table, key, condition)),
      transact: (writes, requestId) =>
        write(`transact ${writes.map(describeWrite).join(', ')}`, writes.map(subjectOf), () =>
          items.transact(writes, requestId),
        ),
      close: () => Promise.resolve(),
    };
  }

  #filesFor(process: SimProcess): ObjectStore {
    const { files } = this;
    const send = <Result>(what: string, isWrite: boolean, apply: () => Promise<Result>) =>
      this.#network.send(process, {
        ...{ what, isWrite, apply, isTransaction: false },
        describe: describeRead,
      });
    return {
      put: (key, contents) => send(`PUT ${key}`, true, () => files.put(key, contents)),
      get: (key, range) => send(`GET ${key}`, false, () => files.get(key, range)),
      list: (prefix, after, limit) => send(`LIST ${prefix}`, false, () => files.list(prefix, after, limit)),
      delete: (keys) => send(`DELETE ${keys.length} objects`, true, () => files.delete(keys)),
      close: () => Promise.resolve(),
    };
  }

  async #keepVersion(table: TableName, key: ItemKey): Promise<void> {
    const name = `${table} ${keyOf(key)}`;
    const versions = this.#versions.get(name) ?? [{ item: undefined, untilMs: Infinity }];
    const item = await this.items.get(table, key);
    const last = versions.at(-1);
    if (table === 'heads') this.#watchHead(last?.item, item);
    if (table === 'groups' && key.sk === 'group') this.#watchGroup(key.pk, item);
    if (table === 'offsets') this.#watchOffset(key, last?.item, item);
    if (last) last.untilMs = this.#scheduler.nowMs;
    versions.push({ item, untilMs: Infinity });
    this.#versions.set(name, versions.slice(-VERSIONS_KEPT));
  }

  /** What an eventually consistent read may answer: the item as it is, or as it was. */
  async #someVersion(table: TableName, key: ItemKey): Promise<Item | undefined> {
    const current = await this.items.get(table, key);
    if (!this.#network.happens('stale read')) return current;
    const versions = this.#versions.get(`${table} ${keyOf(key)}`) ?? [];
    const young = versions.filter(({ untilMs }) => untilMs > this.#scheduler.nowMs - STALE_MS_MAX);
    return young.length === 0 ? current : this.#network.pick(young).item;
  }

  #watchGroup(pk: string, item: Item | undefined): void {
    const stored = item && readGroup(item);
    const group = stored?.group;
    const name = pk.slice('group#'.length);
    if (stored) this.#groupOf.set(stored.offsetsId, name);
    const before = this.groupVersions.findLast((one) => one.group === name)?.value;
    this.violations.push(...fallen(before, group).map((what) => `${pk}: ${what}`));
    this.groupVersions.push({
      group: name,
      fromStep: this.#scheduler.steps,
      value: group,
    });
    if (group?.kind !== 'consumer') return;
    try {
      checkConsumerGroup(group);
    } catch (error) {
      this.violations.push(`${pk}: ${(error as Error).message}`);
    }
  }

  #watchOffset({ pk, sk = '' }: ItemKey, before: Item | undefined, after: Item | undefined): void {
    const [was, value] = [before && readOffset(before), after && readOffset(after)];
    // A write that was applied already is answered as such again, and changes nothing.
    if (was?.write === value?.write) return;
    const partition = Number(sk.split(':')[1]);
    const [group, atStep] = [this.#groupOf.get(pk) ?? pk, this.#scheduler.steps];
    this.offsetVersions.push({ group, partition, atStep, value });
  }

  #watchHead(before: Item | undefined, after: Item | undefined): void {
    if (!before || !after || HEAD.retired in after) return;
    const [old, now] = [readHead(before), readHead(after)];
    for (const mark of ['startOffset', 'sealedEnd', 'tailStart', 'next'] as const) {
      if (now[mark] < old[mark]) {
        this.violations.push(`${mark} of ${now.partitionId} fell from ${old[mark]} to ${now[mark]}`);
      }
    }
    if (now.tail.length > this.#limits.tailEntriesMax)
      this.violations.push(`the tail of ${now.partitionId} has ${now.tail.length} entries`);
    if (!(now.startOffset <= now.sealedEnd && now.sealedEnd <= now.tailStart && now.tailStart <= now.next)) {
      this.violations.push(
        `the marks of ${now.partitionId} are out of order: ${JSON.stringify(marksOf(now))}`,
      );
    }
  }
}

/** Epochs and generations only rise, for as long as a group keeps its kind. */
function fallen(before: GroupVersion['value'], after: GroupVersion['value']): readonly string[] {
  if (before?.kind === 'classic' && after?.kind === 'classic' && after.generation < before.generation)
    return [`the generation fell from ${before.generation} to ${after.generation}`];
  if (before?.kind !== 'consumer' || after?.kind !== 'consumer') return [];
  const members = Object.entries(after.members).flatMap(([memberId, { memberEpoch }]) => {
    const seen = before.members[memberId];
    return seen && memberEpoch < seen.memberEpoch
      ? [`the epoch of ${memberId} fell from ${seen.memberEpoch} to ${memberEpoch}`]
      : [];
  });
  return after.groupEpoch < before.groupEpoch
    ? [...members, `the group epoch fell from ${before.groupEpoch} to ${after.groupEpoch}`]
    : members;
}

const marksOf = ({ startOffset, sealedEnd, tailStart, next }: ReturnType<typeof readHead>) => ({
  ...{ startOffset, sealedEnd, tailStart, next },
});

const subjectOf = (write: TransactWrite): readonly [TableName, ItemKey] => [
  write.table,
  write.kind === 'put' ? keyOfItem(write.item) : write.key,
];

const describeWrite = (write: TransactWrite): string =>
  `${write.kind} ${subjectOf(write)[0]} ${keyOf(subjectOf(write)[1])}`;

function describeRead(result: unknown): string {
  if (result === undefined) return 'nothing';
  if (result instanceof Uint8Array) return `${result.length} bytes`;
  if (Array.isArray(result)) return `${result.length} found`;
  return 'found';
}
