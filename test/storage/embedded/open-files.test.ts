// Files that are kept open: opened once, closed when nobody reads them any more, and never under a reader.
import { mkdtempSync, read, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OpenFiles, type OpenFile } from '../../../lib/storage/embedded/open-files.ts';

let folder: string;
let files: OpenFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wadi-open-files-'));
  files = new OpenFiles();
});

afterEach(() => {
  files.clear();
  rmSync(folder, { recursive: true });
});

function file(name: string, contents = name): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

const contentsOf = async ({ descriptor, bytes }: OpenFile): Promise<string> => {
  const { buffer } = await promisify(read)(descriptor, Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.toString();
};

/** The files of the folder that this process has open, as Linux tells it. */
const openNames = (): readonly string[] =>
  readdirSync('/proc/self/fd')
    .flatMap((descriptor) => {
      try {
        return [readlinkSync(`/proc/self/fd/${descriptor}`)];
      } catch {
        return [];
      }
    })
    .filter((path) => path.startsWith(folder))
    .map((path) => path.slice(folder.length + 1));

it('tells the size, and keeps one descriptor for all who read', async () => {
  const path = file('a', 'twelve bytes');
  const descriptors = await Promise.all(
    [1, 2, 3].map(() =>
      files.use(path, async (open) => {
        expect(await contentsOf(open)).toBe('twelve bytes');
        expect(open.bytes).toBe(12);
        return open.descriptor;
      }),
    ),
  );
  expect(new Set(descriptors).size).toBe(1);
  expect(await files.use(path, ({ descriptor }) => Promise.resolve(descriptor))).toBe(descriptors[0]);
});

it('reads what is there after a drop, and lets who reads meanwhile end', async () => {
  const path = file('a', 'before');
  const reading = files.use(path, async (open) => {
    rmSync(path);
    file('a', 'after');
    files.drop(path);
    expect(await files.use(path, contentsOf)).toBe('after');
    return contentsOf(open);
  });
  expect(await reading).toBe('before');
});

it('throws for a file that is not there, and finds it once it is', async () => {
  const path = join(folder, 'late');
  await expect(files.use(path, contentsOf)).rejects.toMatchObject({ code: 'ENOENT' });
  file('late');
  expect(await files.use(path, contentsOf)).toBe('late');
});

it('passes on what the work throws', async () => {
  const path = file('a');
  await expect(files.use(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await files.use(path, contentsOf)).toBe('a');
});

it.runIf(process.platform === 'linux')('keeps a bounded number open, and none after the end', async () => {
  for (let at = 0; at < 200; at++) await files.use(file(`f${at}`), contentsOf);
  await expect.poll(() => openNames().length).toBe(128);
  expect(openNames()).toContain('f199');
  expect(openNames()).not.toContain('f0');
  files.clear();
  await expect.poll(openNames).toEqual([]);
});
