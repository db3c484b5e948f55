// What the embedded stores keep when their process is killed, their disk is full, or a second process wants them.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { openEmbeddedStores } from '../../../lib/storage/embedded/open.ts';
import { openFileObjectStore } from '../../../lib/storage/embedded/file-object-store.ts';
import { openSqliteItemStore } from '../../../lib/storage/embedded/sqlite-item-store.ts';

const clock = createSystemClock();
const processFile = (name: string) => fileURLToPath(new URL(`processes/${name}.ts`, import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wadi-durable-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** Runs a process until `isEnough` of its output, kills it with SIGKILL and answers the whole lines it printed. */
async function killAfter(
  child: ChildProcess,
  isEnough: (lines: number) => boolean,
): Promise<readonly string[]> {
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (isEnough(output.split('\n').length - 1)) child.kill('SIGKILL');
  });
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  expect(errors).toBe('');
  expect(child.signalCode).toBe('SIGKILL');
  return output.split('\n').slice(0, -1);
}

describe('kill -9', () => {
  it('loses no write that was acknowledged, and halves no transaction', async () => {
    const acknowledged: string[] = [];
    for (const lines of [1, 400, 900]) {
      const child = spawn(process.execPath, [processFile('acknowledging-writer'), directory]);
      acknowledged.push(...(await killAfter(child, (count) => count >= lines)));
      // The same names are written again by the next process: what was acknowledged must be there after each kill.
      const stores = await openEmbeddedStores(directory, { clock });
      for (const line of new Set(acknowledged)) {
        const [kind = '', id = ''] = line.split(' ');
        const [writer = '', number = ''] = id.split('-');
        const expected = new Uint8Array(2000 + (Number(number) % 7) * 500).fill(Number(number) % 251);
        const stored = {
          item: async () => (await stores.items.get('groups', { pk: `writer-${writer}`, sk: id }))?.['data'],
          object: () => stores.objects.get(`hot/${(Number(number) % 3).toString()}/${id}`),
          both: async () => {
            const a = await stores.items.get('groups', { pk: 'both', sk: `${id}-a` });
            const b = await stores.items.get('offsets', { pk: 'both', sk: `${id}-b` });
            return a && b && expected;
          },
        }[kind];
        expect([line, Buffer.compare((await stored?.()) as Uint8Array, expected)]).toEqual([line, 0]);
      }
      const halves = await stores.items.query('groups', 'both', { limit: 1_000_000 });
      const others = await stores.items.query('offsets', 'both', { limit: 1_000_000 });
      expect(others.map(({ sk }) => sk)).toEqual(halves.map(({ sk }) => (sk as string).replace(/a$/, 'b')));
      for (const { key, bytes } of await stores.objects.list('', undefined, 1_000_000))
        expect([key, bytes >= 2000]).toEqual([key, true]);
      expect(await readdir(join(directory, 'objects', '~temp'))).toEqual([]);
      await stores.close();
    }
  });
});

describe('the lock', () => {
  it('refuses a second process, clearly, and is gone after kill -9', async () => {
    const child = spawn(process.execPath, [processFile('lock-holder'), directory]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const refused = {
      code: 'KAFKA_STORAGE_ERROR',
      retriable: false,
      message: `${directory} is in use by another process`,
    };
    await expect(openEmbeddedStores(directory, { clock })).rejects.toMatchObject(refused);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    const stores = await openEmbeddedStores(directory, { clock });
    await stores.items.put('heads', { pk: 'a' });
    await stores.close();
  });

  it('refuses a second store in the same process', async () => {
    const stores = await openEmbeddedStores(directory, { clock });
    await expect(openEmbeddedStores(directory, { clock })).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
    });
    await stores.items.put('heads', { pk: 'a' });
    await stores.close();
    await (await openEmbeddedStores(directory, { clock })).close();
  });
});

const canMount =
  spawnSync('unshare', ['-rm', 'sh', '-c', `mount -t tmpfs -o size=1m none ${tmpdir()}`]).status === 0;

describe('a full disk', () => {
  it.skipIf(!canMount)(
    'refuses writes, keeps what was acknowledged, and goes on when there is room',
    async () => {
      const mount = join(directory, 'mount');
      await mkdir(mount);
      const script = 'mount -t tmpfs -o size=12m none "$1" && exec "$2" "$3" "$1"';
      const child = spawnSync('unshare', [
        '-rm',
        'sh',
        '-c',
        script,
        'sh',
        mount,
        process.execPath,
        processFile('full-disk'),
      ]);
      expect(child.stderr.toString()).toBe('');
      const report = JSON.parse(child.stdout.toString()) as Record<string, unknown>;
      const full = { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: true };
      expect(report['itemError']).toEqual(full);
      expect(report['objectError']).toEqual(full);
      expect(report['objectsListed']).toBe(report['objectsStored']);
      expect(report['missingWhileFull']).toEqual([]);
      expect(report['missingAfterReopening']).toEqual([]);
      expect(report['itemsStored']).toBeGreaterThan(10);
    },
  );

  it('fails every write of the group that met it, and none after', async () => {
    const store = openSqliteItemStore(directory, { clock, databaseBytesMax: 1_000_000 });
    const put = (i: number) => store.put('heads', { pk: `k${i.toString()}`, data: new Uint8Array(100_000) });
    await Promise.all([0, 1, 2].map(put));
    const results = await Promise.allSettled([3, 4, 5, 6, 7, 8, 9, 10].map(put));
    for (const result of results) {
      const full = { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: true };
      expect(result).toMatchObject({ status: 'rejected', reason: full });
    }
    const items = await store.scan('heads', { limit: 100 });
    expect(items.items).toHaveLength(3);
    await store.delete('heads', { pk: 'k0' });
    await put(3);
    await store.close();
    const reopened = openSqliteItemStore(directory, { clock });
    const keys = (await reopened.scan('heads', { limit: 100 })).items.map(({ pk }) => pk);
    expect(keys).toEqual(['k1', 'k2', 'k3']);
    await reopened.close();
  });
});

describe('opening', () => {
  it('refuses a database of another format', async () => {
    await (await openEmbeddedStores(directory, { clock })).close();
    const database = new DatabaseSync(join(directory, 'items.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    const refused = { code: 'UNSUPPORTED_VERSION', message: `${directory} has format 99, known is 1` };
    await expect(openEmbeddedStores(directory, { clock })).rejects.toMatchObject(refused);
  });

  it('refuses a file that is no database', async () => {
    await writeFile(
      join(directory, 'items.sqlite'),
      'not a database, though long enough to look like one. '.repeat(40),
    );
    const refused = { code: 'KAFKA_STORAGE_ERROR', retriable: false };
    await expect(openEmbeddedStores(directory, { clock })).rejects.toMatchObject(refused);
  });

  it('removes what a crash left half-written, and never lists it', async () => {
    const objects = await openFileObjectStore(directory);
    await objects.put('a/b', Uint8Array.of(1));
    await writeFile(join(directory, '~temp', '7'), 'half');
    expect((await objects.list('', undefined, 9)).map(({ key }) => key)).toEqual(['a/b']);
    const again = await openFileObjectStore(directory);
    expect(await readdir(join(directory, '~temp'))).toEqual([]);
    expect(await again.get('a/b')).toEqual(Uint8Array.of(1));
  });

  it('keeps nothing of a directory whose last object was deleted', async () => {
    const objects = await openFileObjectStore(directory);
    await objects.put('a/b/c', Uint8Array.of(1));
    await objects.put('a/d', Uint8Array.of(1));
    await objects.delete(['a/b/c']);
    expect(await readdir(join(directory, 'a'))).toEqual(['d']);
    await objects.put('a/b/c', Uint8Array.of(2));
    expect(await objects.get('a/b/c')).toEqual(Uint8Array.of(2));
  });

  it('puts into a directory while others delete its last object', async () => {
    const objects = await openFileObjectStore(directory);
    for (let round = 0; round < 30; round++) {
      const key = (i: number) => `a/b/${round.toString()}-${i.toString()}`;
      await objects.put(key(0), Uint8Array.of(0));
      await Promise.all([
        objects.delete([key(0)]),
        objects.put(key(1), Uint8Array.of(1)),
        objects.delete([key(2)]),
      ]);
      expect(await objects.get(key(1))).toEqual(Uint8Array.of(1));
      await objects.delete([key(1)]);
    }
  });

  it('refuses a key that is the folder of another one', async () => {
    const objects = await openFileObjectStore(directory);
    await objects.put('a', Uint8Array.of(1));
    const refused = { code: 'INVALID_REQUEST', outcome: 'not-applied' };
    await expect(objects.put('a/b', Uint8Array.of(2))).rejects.toMatchObject(refused);
    await objects.put('c/d', Uint8Array.of(3));
    await expect(objects.put('c', Uint8Array.of(4))).rejects.toMatchObject(refused);
    expect(await objects.get('c')).toBeUndefined();
    expect((await objects.list('', undefined, 9)).map(({ key }) => key)).toEqual(['a', 'c/d']);
  });
});
