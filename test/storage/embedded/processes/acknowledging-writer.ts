// A process that writes to the embedded stores and prints each write once it was acknowledged, until it is killed.
import { openEmbeddedStores } from '../../../../lib/storage/embedded/open.ts';
import { createSystemClock } from '../../../../lib/base/clock.ts';
import { add, append } from '../../../../lib/storage/ports/action.ts';

const directory = process.argv[2] ?? '';
const stores = await openEmbeddedStores(directory, { clock: createSystemClock() });
const bytesOf = (i: number) => new Uint8Array(2000 + (i % 7) * 500).fill(i % 251);

async function write(writer: number): Promise<void> {
  for (let i = 0; ; i++) {
    const id = `${writer.toString()}-${i.toString()}`;
    const actions = [add('count', 1), append(`last${writer.toString()}`, [])];
    await stores.items.update('heads', { pk: 'shared' }, actions);
    await stores.items.put('groups', { pk: `writer-${writer.toString()}`, sk: id, data: bytesOf(i) });
    process.stdout.write(`item ${id}\n`);
    const transaction = [
      { kind: 'put', table: 'groups', item: { pk: 'both', sk: `${id}-a` } },
      { kind: 'put', table: 'offsets', item: { pk: 'both', sk: `${id}-b` } },
    ] as const;
    await stores.items.transact(transaction, id);
    process.stdout.write(`both ${id}\n`);
    await stores.objects.put(`hot/${(i % 3).toString()}/${id}`, bytesOf(i));
    process.stdout.write(`object ${id}\n`);
  }
}

await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(write));
