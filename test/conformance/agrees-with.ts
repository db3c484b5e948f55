// A property: random sequences of requests get the same answers from two item stores, and leave the same items.
import fc from 'fast-check';
import { expect } from 'vitest';
import * as actions from '../../lib/storage/ports/action.ts';
import * as conditions from '../../lib/storage/ports/condition.ts';
import type { Action } from '../../lib/storage/ports/action.ts';
import type { Condition, Path } from '../../lib/storage/ports/condition.ts';
import type {
  Item,
  ItemKey,
  ItemStore,
  ItemValue,
  QueryOptions,
  TransactWrite,
} from '../../lib/storage/ports/item-store.ts';

export interface AgreementOptions {
  /** Sequences. */
  readonly runs: number;
  readonly requestsPerRun?: number;
  /** The same seed gives the same sequences. */
  readonly seed?: number;
}

// Attributes keep their types, so that most actions fit: two numbers, a text, a list, and a map with a number, a list and
// any values by name. Items have three sort keys under two partition keys, so that requests meet.

const numbers = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER - 8, -Number.MAX_SAFE_INTEGER + 8, 1_000_000, 10),
);
const texts = fc.constantFrom('', 'a', 'b', 'ab', 'é', '🏜', '\uff5e', '10', '9');
const binaries = fc.uint8Array({ maxLength: 3, max: 2 });
const leaf: fc.Arbitrary<ItemValue> = fc.oneof(numbers, texts, binaries, fc.constantFrom(null, true, false));
const value: fc.Arbitrary<ItemValue> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('x', 'y'), leaf) },
);
const list = fc.array(leaf, { maxLength: 5 });
const attributes: fc.Arbitrary<Item> = fc.record(
  {
    n: numbers,
    k: numbers,
    t: texts,
    l: list,
    m: fc.record({ n: numbers, l: list, v: value }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const numberPath = fc.constantFrom<Path>(['n'], ['k'], ['m', 'n']);
const listPath = fc.constantFrom<Path>(['l'], ['m', 'l']);
const anyPath = fc.constantFrom<Path>(
  ['n'],
  ['t'],
  ['l'],
  ['m'],
  ['m', 'n'],
  ['m', 'v'],
  ['m', 'v', 'x'],
  ['gone'],
  ['pk'],
);
const valuePath = fc.constantFrom<Path>(['m', 'v'], ['m', 'w'], ['w']);

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.tuple(valuePath, value).map(([path, one]) => actions.set(path, one)),
  fc.tuple(valuePath, value).map(([path, one]) => actions.setIfAbsent(path, one)),
  fc
    .tuple(numberPath, numberPath, fc.integer({ min: -2, max: 2 }))
    .map(([path, other, plus]) => actions.setFrom(path, other, plus)),
  fc.tuple(numberPath, fc.integer({ min: -3, max: 3 })).map(([path, amount]) => actions.add(path, amount)),
  fc.tuple(listPath, list).map(([path, values]) => actions.append(path, values)),
  fc.tuple(listPath, fc.integer({ min: 1, max: 4 })).map(([path, count]) => actions.removeFirst(path, count)),
  fc.oneof(numberPath, valuePath, listPath).map((path) => actions.remove(path)),
);

const simpleCondition: fc.Arbitrary<Condition> = fc.oneof(
  anyPath.map((path) => conditions.exists(path)),
  anyPath.map((path) => conditions.absent(path)),
  fc.tuple(anyPath, value).map(([path, one]) => conditions.equals(path, one)),
  fc.tuple(anyPath, fc.oneof(numbers, texts)).map(([path, one]) => conditions.atMost(path, one)),
  fc.tuple(anyPath, fc.oneof(numbers, texts)).map(([path, one]) => conditions.atLeast(path, one)),
  fc
    .tuple(fc.constantFrom<Path>(['t'], ['l'], ['m'], ['m', 'l'], ['gone']), fc.nat({ max: 4 }))
    .map(([path, size]) => conditions.sizeBelow(path, size)),
  fc.tuple(listPath, leaf).map(([path, one]) => conditions.notContains(path, one)),
);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 3, arbitrary: simpleCondition },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.boolean(), simpleCondition, simpleCondition, simpleCondition)
      .map(([isAll, a, b, c]) =>
        isAll ? conditions.all(a, conditions.any(b, c)) : conditions.any(a, conditions.all(b, c)),
      ),
  },
);
const optionalCondition = fc.option(condition, { nil: undefined });

/** Which of the six items. */
interface Place {
  readonly partition: number;
  readonly row: number;
}
const place: fc.Arbitrary<Place> = fc.record({ partition: fc.nat({ max: 1 }), row: fc.nat({ max: 2 }) });

interface Write {
  readonly kind: 'put' | 'update' | 'delete' | 'check';
  readonly place: Place;
  readonly attributes: Item;
  readonly actions: readonly Action[];
  readonly condition: Condition | undefined;
}
const write: fc.Arbitrary<Write> = fc.record({
  kind: fc.constantFrom('put', 'update', 'update', 'update', 'delete', 'check'),
  place,
  attributes,
  actions: fc.array(action, { maxLength: 4 }),
  condition: optionalCondition,
});

type Request =
  | { readonly kind: 'write'; readonly write: Write }
  | { readonly kind: 'transact'; readonly writes: readonly Write[]; readonly isRepeated: boolean }
  | { readonly kind: 'query'; readonly partition: number; readonly options: QueryOptions }
  | { readonly kind: 'getMany'; readonly places: readonly Place[] };

const rowName = (row: number): string => ['a', 'é', '🏜'][row] ?? 'z';

const query: fc.Arbitrary<Request> = fc
  .record({
    partition: fc.nat({ max: 1 }),
    ends: fc.option(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })), { nil: undefined }),
    forward: fc.boolean(),
    limit: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ partition, ends, forward, limit }) => {
    const between = ends && { between: [rowName(ends[0]), rowName(ends[1])] as const };
    return { kind: 'query', partition, options: { forward, limit, ...between } };
  });

const request: fc.Arbitrary<Request> = fc.oneof(
  { weight: 8, arbitrary: write.map((one): Request => ({ kind: 'write', write: one })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ writes: fc.array(write, { minLength: 1, maxLength: 3 }), isRepeated: fc.boolean() })
      .map((one): Request => ({ kind: 'transact', ...one })),
  },
  { weight: 1, arbitrary: query },
  {
    weight: 1,
    arbitrary: fc.array(place, { maxLength: 4 }).map((places): Request => ({ kind: 'getMany', places })),
  },
);

const TABLE = 'groups';
let sequences = 0;

/**
 * Runs random sequences against both stores and compares every answer and, after each sequence, every item. Requests
 * stay within the port's contract (no missing parents, no overlapping paths); where both stores throw, they agree.
 */
export async function agreesWith(
  reference: ItemStore,
  other: ItemStore,
  { runs, requestsPerRun = 30, seed = 1 }: AgreementOptions,
): Promise<void> {
  const prefix = `agree-${process.pid.toString()}-${Date.now().toString(36)}`;
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: requestsPerRun }), async (requests) => {
      const sequence = `${prefix}-${(sequences++).toString()}`;
      for (const [i, one] of requests.entries()) {
        const send = await prepare(
          reference,
          sequence,
          one,
          `${sequences.toString(36)}-${i.toString()}-${prefix}`.slice(0, 36),
        );
        const [expected, actual] = [await outcome(send(reference)), await outcome(send(other))];
        expect(actual).toEqual(expected);
      }
      for (const partition of [0, 1]) {
        const pk = `${sequence}/${partition.toString()}`;
        const items = await reference.query(TABLE, pk, { limit: 9 });
        expect(await other.query(TABLE, pk, { limit: 9 })).toEqual(items);
      }
    }),
    { numRuns: runs, seed, endOnFailure: false },
  );
}

async function outcome(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    (result) => ({ result }),
    () => ({ refused: true }),
  );
}

type Send = (store: ItemStore) => Promise<unknown>;

/** The request in terms of the port, within the contract as the reference's items are now. */
async function prepare(
  reference: ItemStore,
  sequence: string,
  request: Request,
  requestId: string,
): Promise<Send> {
  const keyOf = ({ partition, row }: Place): ItemKey => ({
    pk: `${sequence}/${partition.toString()}`,
    sk: rowName(row),
  });
  const port = async (one: Write) =>
    portWrite(one, keyOf(one.place), await reference.get(TABLE, keyOf(one.place)));
  switch (request.kind) {
    case 'query':
      return (store) => store.query(TABLE, `${sequence}/${request.partition.toString()}`, request.options);
    case 'getMany': {
      const keys = [...new Map(request.places.map((one) => [JSON.stringify(one), keyOf(one)])).values()];
      return (store) => store.getMany(TABLE, keys);
    }
    case 'transact': {
      const distinct = [...new Map(request.writes.map((one) => [JSON.stringify(one.place), one])).values()];
      const writes = await Promise.all(distinct.map(port));
      return async (store) => {
        const first = await store.transact(writes, requestId);
        // A failed one, repeated, is judged anew, by the same items.
        return request.isRepeated ? [first, await store.transact(writes, requestId)] : first;
      };
    }
    case 'write': {
      const one = await port(request.write);
      return (store) => sendSingle(store, one);
    }
  }
}

function sendSingle(store: ItemStore, write: TransactWrite): Promise<unknown> {
  switch (write.kind) {
    case 'put':
      return store.put(TABLE, write.item, write.condition);
    case 'update':
      return store.update(TABLE, write.key, write.actions, write.condition);
    case 'delete':
      return store.delete(TABLE, write.key, write.condition);
    case 'check':
      return store.get(TABLE, write.key);
  }
}

function portWrite(write: Write, key: ItemKey, current: Item | undefined): TransactWrite {
  const conditional = write.condition && { condition: write.condition };
  switch (write.kind) {
    case 'put':
      return { kind: 'put', table: TABLE, item: { ...write.attributes, ...key }, ...conditional };
    case 'update':
      return { kind: 'update', table: TABLE, key, actions: fitting(write.actions, current), ...conditional };
    case 'delete':
      return { kind: 'delete', table: TABLE, key, ...conditional };
    case 'check':
      return { kind: 'check', table: TABLE, key, condition: write.condition ?? conditions.exists('pk') };
  }
}

/** The actions that the contract allows on an item, none touching what an earlier one touches. */
function fitting(all: readonly Action[], current: Item | undefined): readonly Action[] {
  const taken: Action[] = [];
  for (const one of all) {
    const isApart = taken.every(({ path }) => !overlap(path, one.path));
    if (isApart && fits(one, current)) taken.push(one);
  }
  return taken;
}

function overlap(a: Path, b: Path): boolean {
  const depth = Math.min(a.length, b.length);
  return a.slice(0, depth).join('.') === b.slice(0, depth).join('.');
}

function fits(action: Action, current: Item | undefined): boolean {
  const at = (path: Path): ItemValue | undefined => {
    let found: ItemValue | undefined = current;
    for (const name of path) found = (found as Item | undefined)?.[name];
    return found;
  };
  const hasParent = action.path.length === 1 || at(['m']) !== undefined;
  if (!hasParent) return false;
  const isSafe = (sum: number) => Number.isSafeInteger(sum);
  switch (action.kind) {
    case 'setFrom': {
      const other = at(action.other);
      return typeof other === 'number' && isSafe(other + action.plus);
    }
    case 'add':
      return isSafe(Number(at(action.path) ?? 0) + action.amount);
    case 'removeFirst': {
      const found = at(action.path);
      return Array.isArray(found) && found.length >= action.count;
    }
    case 'set':
    case 'setIfAbsent':
    case 'append':
    case 'remove':
      return true;
  }
}
