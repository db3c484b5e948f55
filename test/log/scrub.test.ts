// Scrub finds each kind of damage, and says which invariant it breaks.
import { beforeEach, describe, expect, it } from 'vitest';
import { present } from '../../lib/base/assert.ts';
import { INVARIANTS, scrubPartition } from '../../lib/log/scrub.ts';
import { add, set, type Action } from '../../lib/storage/ports/action.ts';
import { readHead } from '../../lib/storage/schema/head.ts';
import { readPage } from '../../lib/storage/schema/log-index.ts';
import { packTailEntry, unpackTailEntry, type TailEntry } from '../../lib/storage/schema/tail-entry.ts';
import { PARTITION_ID } from './support/small-limits.ts';
import { World } from './support/world.ts';
import type { Item } from '../../lib/storage/ports/item-store.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
  const process = world.start();
  const appendAll = async (name: string) => {
    for (const [at, bytes] of [10, 100, 900, 10, 200, 900, 10].entries())
      await process.append([`${name}${at}`], { bytes });
    await process.log.settle();
  };
  for (const name of ['a', 'b']) {
    await appendAll(name);
    await process.log.seal(PARTITION_ID, { all: true });
  }
  for (const name of ['c', 'd']) await appendAll(name);
  await process.append(['tail']);
});

/** The invariants that a scrub finds broken, each once. */
async function broken(): Promise<readonly string[]> {
  const { findings } = await scrubPartition(world.start().deps, PARTITION_ID);
  return [...new Set(findings.map(({ invariant }) => invariant))].sort();
}

const head = async () => readHead(present(await world.items.get('heads', { pk: PARTITION_ID }), 'head'));

const onHead = async (...actions: readonly Action[]) => {
  await world.items.update('heads', { pk: PARTITION_ID }, actions);
};

/** Rows whose sort keys begin so, in order. */
async function rows(kind: 'page' | 'segment') {
  const found = await world.items.query('log-index', PARTITION_ID, {
    ...{ between: [`${kind}#`, `${kind}#~`] as const, limit: 99 },
  });
  expect(found.length).toBeGreaterThanOrEqual(2);
  return found;
}

const keyOf = ({ sk }: Item) => ({ pk: PARTITION_ID, sk: sk as string });

const onRow = async (kind: 'page' | 'segment', at: number, ...actions: readonly Action[]) => {
  const key = keyOf(present((await rows(kind)).at(at), 'row'));
  await world.items.update('log-index', key, actions);
};

const removeRow = async (kind: 'page' | 'segment', at: number) => {
  const key = keyOf(present((await rows(kind)).at(at), 'row'));
  await world.items.delete('log-index', key);
};

/** Changes a byte of all objects with this prefix. */
async function damage(prefix: string, position: number, change: number): Promise<void> {
  const found = await world.files.list(prefix, undefined, 99);
  expect(found).not.toEqual([]);
  for (const { key } of found) {
    const bytes = Buffer.from(present(await world.files.get(key), key));
    const at = position < 0 ? bytes.length + position : position;
    bytes.writeUInt8(bytes.readUInt8(at) ^ change, at);
    await world.files.put(key, bytes);
  }
}

/** Changes what the last entry of the tail says, or that of the last page. */
async function restate(where: 'tail' | 'page', change: (entry: TailEntry) => Partial<TailEntry>) {
  const again = (packed: Uint8Array) => {
    const entry = unpackTailEntry(packed);
    return packTailEntry({ ...entry, ...change(entry) });
  };
  const restated = (tail: readonly Uint8Array[]) => [...tail.slice(0, -1), ...tail.slice(-1).map(again)];
  if (where === 'tail') return onHead(set('t', restated((await head()).tail)));
  const page = readPage(present((await rows('page')).at(-1), 'page'));
  return onRow('page', -1, set('t', restated(page.tail)));
}

describe('a scrub', () => {
  it('reads everything, and finds nothing where nothing is wrong', async () => {
    const report = await scrubPartition(world.start().deps, PARTITION_ID);
    expect(report).toMatchObject({ records: 29, batches: 29, findings: [] });
    const { sealedEnd, tailStart, next } = await head();
    expect([sealedEnd, tailStart > sealedEnd, next]).toEqual([14, true, 29]);
  });

  const DAMAGES: readonly (readonly [keyof typeof INVARIANTS, string, () => Promise<unknown>])[] = [
    ['I1', 'a head ahead of the log state', () => onHead(add('se', 4))],
    ['I1', 'marks that are not in order', () => onHead(add('so', 20))],
    ['I2', 'a tail that ends before next', () => onHead(add('n', 1))],
    ['I2', 'a tail that ends after next', () => onHead(add('n', -1))],
    ['I3', 'the last page missing', () => removeRow('page', -1)],
    ['I3', 'a page that ends early', () => onRow('page', -1, add('n', -1))],
    ['I4', 'the first segment missing', () => removeRow('segment', 0)],
    ['I4', 'the last segment missing', () => removeRow('segment', -1)],
    ['I5', 'a bit of a hot object', () => damage('hot/', -1, 1)],
    ['I5', 'a bit of a segment', () => damage('segments/', -1, 1)],
    [
      'I5',
      'a hot object missing',
      async () => {
        const found = await world.files.list('hot/', undefined, 99);
        await world.files.delete(found.map(({ key }) => key));
      },
    ],
    [
      'I5',
      'a small object missing',
      async () => {
        const { items } = await world.items.scan('objects', { limit: 99 });
        for (const { pk } of items) await world.items.delete('objects', { pk: pk as string });
      },
    ],
    [
      'I5',
      'a segment missing',
      async () => {
        const found = await world.files.list('segments/', undefined, 1);
        await world.files.delete(found.map(({ key }) => key));
      },
    ],
    [
      'I5',
      'a bit of what is in the head',
      () =>
        restate('tail', ({ inline }) => {
          const bytes = Buffer.from(present(inline, 'inline'));
          bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
          return { inline: bytes };
        }),
    ],
    ['I6', 'a batch in a segment with another offset', () => damage('segments/', 7, 1)],
    [
      'I7',
      'an entry with another largest timestamp',
      () => restate('page', ({ maxTimestampMs }) => ({ maxTimestampMs: maxTimestampMs + 1 })),
    ],
    [
      'I7',
      'an entry with more records than it says',
      () => restate('tail', ({ recordCount }) => ({ recordCount: recordCount + 1 })),
    ],
    ['I7', 'a segment with another largest timestamp', () => onRow('segment', 0, add('m', 1))],
    ['I7', 'a segment with another number of batches', () => onRow('segment', 0, add('c', 1))],
  ];

  it.each(DAMAGES)('finds %s: %s', async (invariant, _what, step) => {
    await step();
    expect(await broken()).toContain(invariant);
  });

  it('knows an example of each invariant', () => {
    const tested = new Set(DAMAGES.map(([invariant]) => invariant));
    expect([...tested]).toEqual(Object.keys(INVARIANTS));
  });

  it('throws where there is nothing to read', async () => {
    const scrub = scrubPartition(world.start().deps, 'AAAAAAAAAAAAAAAAAAAAAA:7');
    await expect(scrub).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_ID' });
  });
});
