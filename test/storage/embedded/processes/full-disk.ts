// A process that fills the small file system its stores are on, frees it, and goes on. It prints what happened as JSON.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSystemClock } from '../../../../lib/base/clock.ts';
import { BrokerError } from '../../../../lib/base/errors.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../../../lib/storage/embedded/open.ts';

const mount = process.argv[2] ?? '';
const ballast = join(mount, 'ballast');
const options = { clock: createSystemClock() };
const report: Record<string, unknown> = {};
const stored: string[] = [];
const errorOf = ({ code, outcome, retriable }: BrokerError) => ({ code, outcome, retriable });

/** Writes until it is refused; answers the error. */
async function fill(prefix: string, write: (name: string) => Promise<unknown>): Promise<unknown> {
  for (let i = 0; i < 10_000; i++) {
    try {
      await write(`${prefix}${i.toString()}`);
      stored.push(`${prefix}${i.toString()}`);
    } catch (error) {
      return error instanceof BrokerError ? errorOf(error) : String(error);
    }
  }
  return 'never full';
}

const putItem = (stores: EmbeddedStores) => (name: string) =>
  stores.items.put('heads', { pk: name, data: new Uint8Array(20_000).fill(1) });
const putObject = (stores: EmbeddedStores) => (name: string) =>
  stores.objects.put(`o/${name}`, new Uint8Array(200_000).fill(2));

async function missing(stores: EmbeddedStores): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const name of stored) {
    const isItem = name.startsWith('item');
    const bytes = isItem
      ? ((await stores.items.get('heads', { pk: name }))?.['data'] as Uint8Array | undefined)
      : await stores.objects.get(`o/${name}`);
    if (bytes?.length !== (isItem ? 20_000 : 200_000)) lost.push(name);
  }
  return lost;
}

await writeFile(ballast, new Uint8Array(4 * 1024 * 1024));
const stores = await openEmbeddedStores(join(mount, 'data'), options);
report['itemError'] = await fill('item-', putItem(stores));
report['objectError'] = await fill('object-', putObject(stores));
report['objectsListed'] = (await stores.objects.list('', undefined, 10_000)).length;
report['objectsStored'] = stored.filter((name) => name.startsWith('object')).length;
report['missingWhileFull'] = await missing(stores);
await rm(ballast);
await putItem(stores)('item-after');
await putObject(stores)('object-after');
stored.push('item-after', 'object-after');
await stores.close();
const reopened = await openEmbeddedStores(join(mount, 'data'), options);
report['missingAfterReopening'] = await missing(reopened);
report['itemsStored'] = stored.filter((name) => name.startsWith('item')).length;
await reopened.close();
process.stdout.write(JSON.stringify(report));
