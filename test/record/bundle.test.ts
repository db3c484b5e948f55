// A Lambda's bundle of lib/record runs where nothing is installed, and holds no native module.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** Runs inside the bundle: prints the CRC of the check string and what each compression made of 2,000 records. */
const PROGRAM = `
  import { COMPRESSIONS } from './lib/record/batch-header.ts';
  import { crc32c } from './lib/record/crc32c.ts';
  import { partitionForKey } from './lib/record/partitioner.ts';
  import { decodeBatch, encodeBatch, validateBatch } from './lib/record/record-batch.ts';
  const records = Array.from({ length: 2000 }, (_, at) => ({
    timestampMs: at, key: Buffer.from('key-' + at), value: Buffer.from('value '.repeat(at % 50)), headers: [],
  }));
  const counts = COMPRESSIONS.map((compression) => {
    const batch = encodeBatch(records, { compression });
    validateBatch(batch, { checkRecords: true });
    const same = decodeBatch(batch).records.filter(({ value }, at) => records[at].value.equals(value)).length;
    return [compression, same];
  });
  console.log(JSON.stringify({ crc: crc32c(Buffer.from('123456789')), partition: partitionForKey(Buffer.from('21'), 6), counts }));
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wadi-bundle-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test.each([
  ['esm', 'bundle.mjs'],
  ['cjs', 'bundle.cjs'],
] as const)('runs as %s in an empty folder', async (format, name) => {
  const { metafile } = await build({
    stdin: { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' },
    outfile: join(folder, name),
    ...{
      bundle: true,
      minify: true,
      metafile: true,
      platform: 'node',
      target: 'node24',
      format,
      logLevel: 'error',
    },
  });
  const outputs = Object.values(metafile.outputs);
  expect(outputs).toHaveLength(1);
  expect(outputs[0]?.bytes).toBeLessThan(60_000);
  const imports = outputs.flatMap((output) => output.imports.map(({ path }) => path));
  expect(imports.filter((path) => !isBuiltin(path))).toEqual([]);
  expect(readFileSync(join(folder, name), 'utf8')).not.toMatch(/\.node\b(?!:)["'`]|@node-rs|\.wasm["'`]/);
  expect(Object.keys(metafile.inputs).filter((path) => path.endsWith('.node'))).toEqual([]);

  expect(readdirSync(folder)).toEqual([name]);
  const { status, stdout, stderr } = spawnSync(process.execPath, [name], {
    ...{ cwd: folder, env: {}, encoding: 'utf8', timeout: 20_000 },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    crc: 0xe3069283,
    partition: (-973932308 & 0x7fffffff) % 6,
    counts: ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((compression) => [compression, 2000]),
  });
});
