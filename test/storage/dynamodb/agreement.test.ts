// Random sequences of operations end alike on dynoxide and in memory: what embedded tests show holds on DynamoDB.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createMemoryItemStore } from '../../../lib/storage/embedded/memory-item-store.ts';
import { DYNOXIDE_PATH, NO_DYNOXIDE, startDynoxide } from '../../support/dynoxide.ts';
import { openOn } from '../../support/emulator.ts';
import * as action from '../../../lib/storage/ports/action.ts';
import * as condition from '../../../lib/storage/ports/condition.ts';
import type { Action } from '../../../lib/storage/ports/action.ts';
import type { Condition } from '../../../lib/storage/ports/condition.ts';
import type { ItemKey, ItemStore, ItemValue, TransactWrite } from '../../../lib/storage/ports/item-store.ts';
import type { Opened } from '../../conformance/suite.ts';

const SEED = 20_261_124;

type Operation =
  | { readonly kind: 'write'; readonly write: TransactWrite }
  | { readonly kind: 'transact'; readonly writes: readonly TransactWrite[] }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'get'; readonly sk: string }
  | {
      readonly kind: 'query';
      readonly ends: readonly [string, string];
      readonly limit: number;
      readonly forward: boolean;
    };

const scalar: fc.Arbitrary<ItemValue> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('', 'a', 'b', 'ab'),
  fc.constantFrom(new Uint8Array(), Uint8Array.of(1), Uint8Array.of(1, 2)),
  fc.constantFrom(null, true, false),
);
const list = fc.array(scalar, { maxLength: 4 });
const numbers = fc.integer({ min: -3, max: 3 });
const smallMap = fc.dictionary(fc.constantFrom('x', 'y'), numbers, { maxKeys: 2 });
const numberPath = fc.constantFrom<readonly [string, ...string[]]>(['n'], ['k'], ['map', 'x'], ['map', 'y']);
const anyPath = fc.oneof(
  numberPath,
  fc.constantFrom<readonly [string, ...string[]]>(['list'], ['map'], ['text'], ['none']),
);

const simpleCondition: fc.Arbitrary<Condition> = fc.oneof(
  anyPath.map((path) => condition.exists([...path])),
  anyPath.map((path) => condition.absent([...path])),
  fc
    .tuple(anyPath, fc.oneof(scalar, list, smallMap))
    .map(([path, value]) => condition.equals([...path], value)),
  fc
    .tuple(anyPath, fc.oneof(numbers, fc.constantFrom('a', 'b')))
    .map(([path, value]) => condition.atMost([...path], value)),
  fc
    .tuple(anyPath, fc.oneof(numbers, fc.constantFrom('a', 'b')))
    .map(([path, value]) => condition.atLeast([...path], value)),
  fc
    .tuple(fc.constantFrom('list', 'map', 'text', 'none'), fc.nat(4))
    .map(([path, size]) => condition.sizeBelow(path, size)),
  scalar.map((value) => condition.notContains('list', value)),
);
const anyCondition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 3, arbitrary: simpleCondition },
  fc
    .array(simpleCondition, { minLength: 1, maxLength: 3 })
    .map(([first, ...rest]) => condition.all(first as Condition, ...rest)),
  fc
    .array(simpleCondition, { minLength: 1, maxLength: 3 })
    .map(([first, ...rest]) => condition.any(first as Condition, ...rest)),
  fc
    .tuple(simpleCondition, simpleCondition, simpleCondition)
    .map(([a, b, c]) => condition.all(condition.any(a, b), c)),
);

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  fc.tuple(numberPath, numbers).map(([path, value]) => action.set([...path], value)),
  fc.constantFrom('a', 'ab').map((value) => action.set('text', value)),
  fc.constantFrom('a', null).map((value) => action.set('n', value)),
  list.map((value) => action.set('list', value)),
  smallMap.map((value) => action.set('map', value)),
  fc.tuple(numberPath, numbers).map(([path, value]) => action.setIfAbsent([...path], value)),
  fc
    .tuple(numberPath, numberPath, numbers)
    .map(([path, other, plus]) => action.setFrom([...path], [...other], plus)),
  fc.tuple(numberPath, numbers).map(([path, amount]) => action.add([...path], amount)),
  list.map((values) => action.append('list', values)),
  fc.integer({ min: 1, max: 3 }).map((count) => action.removeFirst('list', count)),
  anyPath.map((path) => action.remove([...path])),
);
const actions = fc.uniqueArray(anyAction, { maxLength: 4, selector: ({ path }) => path[0] });

const sortKey = fc.constantFrom('a', 'b', 'c');
const optional = fc.option(anyCondition, { nil: undefined });
const withCondition = (given: Condition | undefined) => (given ? { condition: given } : {});
const attributes = fc.record(
  { n: numbers, list, map: smallMap, text: fc.constantFrom('a', 'ab') },
  { requiredKeys: [] },
);

const write = (pk: string): fc.Arbitrary<TransactWrite> => {
  const table = 'groups';
  return fc.oneof(
    fc.tuple(sortKey, attributes, optional).map(([sk, rest, given]) => {
      return { kind: 'put', table, item: { pk, sk, ...rest }, ...withCondition(given) } as const;
    }),
    {
      weight: 4,
      arbitrary: fc.tuple(sortKey, actions, optional).map(([sk, some, given]) => {
        return { kind: 'update', table, key: { pk, sk }, actions: some, ...withCondition(given) } as const;
      }),
    },
    fc.tuple(sortKey, optional).map(([sk, given]) => {
      return { kind: 'delete', table, key: { pk, sk }, ...withCondition(given) } as const;
    }),
  );
};
const check = (pk: string): fc.Arbitrary<TransactWrite> =>
  fc.tuple(sortKey, anyCondition).map(([sk, given]) => {
    return { kind: 'check', table: 'groups', key: { pk, sk }, condition: given } as const;
  });
const sortKeyOf = (one: TransactWrite) => (one.kind === 'put' ? one.item['sk'] : one.key.sk);

const operation = (pk: string): fc.Arbitrary<Operation> =>
  fc.oneof(
    { weight: 6, arbitrary: write(pk).map((one) => ({ kind: 'write', write: one }) as const) },
    {
      weight: 2,
      arbitrary: fc
        .uniqueArray(fc.oneof(write(pk), check(pk)), { minLength: 1, maxLength: 3, selector: sortKeyOf })
        .map((writes) => ({ kind: 'transact', writes }) as const),
    },
    fc.constant({ kind: 'repeat' } as const),
    sortKey.map((sk) => ({ kind: 'get', sk }) as const),
    fc
      .tuple(
        fc.constantFrom('', 'a', 'b', 'c'),
        fc.constantFrom('', 'a', 'bb', 'c', 'd'),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
      )
      .map(
        ([first, last, limit, forward]) => ({ kind: 'query', ends: [first, last], limit, forward }) as const,
      ),
  );

/** What an operation did, with any refusal alike: the stores say it in words of their own. */
async function outcomeOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch {
    return 'refused';
  }
}

async function carryOut(store: ItemStore, pk: string, given: Operation, requestId: string): Promise<unknown> {
  switch (given.kind) {
    case 'write':
      return carryOutWrite(store, given.write);
    case 'transact':
      return store.transact(given.writes, requestId);
    case 'get':
      return store.get('groups', { pk, sk: given.sk });
    case 'query':
      return store.query('groups', pk, { between: given.ends, limit: given.limit, forward: given.forward });
    case 'repeat':
      return 'nothing to repeat';
  }
}

function carryOutWrite(store: ItemStore, one: TransactWrite): Promise<unknown> {
  if (one.kind === 'put') return store.put(one.table, one.item, one.condition);
  if (one.kind === 'update') return store.update(one.table, one.key, one.actions, one.condition);
  return store.delete(one.table, one.key, one.condition);
}

/** What the port leaves open, and stores answer differently: cutting more than there is, removing below nothing. */
async function isDefined(model: ItemStore, given: Operation): Promise<boolean> {
  const writes = given.kind === 'write' ? [given.write] : given.kind === 'transact' ? given.writes : [];
  for (const one of writes) {
    if (one.kind !== 'update') continue;
    const current = await model.get('groups', one.key);
    const length = Array.isArray(current?.['list']) ? current['list'].length : 0;
    const isOpen = (some: Action) =>
      (some.kind === 'removeFirst' && some.count > length) ||
      (some.kind === 'remove' && some.path.length > 1 && current?.['map'] === undefined);
    if (one.actions.some(isOpen)) return false;
  }
  return true;
}

let counter = 0;

async function compare(real: ItemStore, given: readonly Operation[], pk: string): Promise<void> {
  const model = createMemoryItemStore({ clock: createSystemClock() });
  const keys: ItemKey[] = ['a', 'b', 'c'].map((sk) => ({ pk, sk }));
  // Here, not at the end: a failed run is shrunk, each time from a clean start.
  for (const key of keys) await real.delete('groups', key);
  let repeated: readonly [Operation, string] | undefined;
  for (const next of given) {
    const [one, id] =
      next.kind === 'repeat' && repeated ? repeated : [next, `request-${(counter++).toString()}`];
    if (!(await isDefined(model, one))) continue;
    if (one.kind === 'transact') repeated = [one, id];
    const expected = await outcomeOf(() => carryOut(model, pk, one, id));
    expect([one, await outcomeOf(() => carryOut(real, pk, one, id))]).toEqual([one, expected]);
  }
  expect(await real.getMany('groups', keys)).toEqual(await model.getMany('groups', keys));
}

describe.skipIf(DYNOXIDE_PATH === undefined)(
  `dynoxide and memory agree${DYNOXIDE_PATH ? '' : ` (skipped: ${NO_DYNOXIDE})`}`,
  () => {
    let opened: Opened<ItemStore> | undefined;
    beforeAll(async () => {
      opened = await openOn(startDynoxide);
    });
    afterAll(() => opened?.close());

    it('on random sequences of operations', async () => {
      const { store } = opened as Opened<ItemStore>;
      const sequence = fc.array(operation('agreement'), { minLength: 5, maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(sequence, (given) => compare(store, given, 'agreement')),
        { seed: SEED, numRuns: 100 },
      );
    });
  },
);
