// Splitting bytes into lines, wherever chunks happen to end.
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LINE_BYTES_MAX, splitLines } from '../../lib/cli/input-lines.ts';

async function split(chunks: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  const input = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  for await (const some of splitLines(input)) lines.push(...some.map((line) => line.toString('latin1')));
  return lines;
}

it.each([
  ['', []],
  ['a', ['a']],
  ['a\n', ['a']],
  ['\n', ['']],
  ['a\n\nb', ['a', '', 'b']],
  ['a\r\nb\n', ['a\r', 'b']],
])('splits %j', async (text, lines) => {
  expect(await split(text === '' ? [] : [Buffer.from(text)])).toEqual(lines);
});

it('finds the same lines however the bytes are cut', async () => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map((some) => some.map((byte) => (byte < 60 ? 0x0a : byte)));
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 8 }), async (chunks) => {
      const text = Buffer.concat(chunks).toString('latin1');
      const expected = text.split('\n');
      if (expected.at(-1) === '') expected.pop();
      expect(await split(chunks.filter((chunk) => chunk.length > 0))).toEqual(expected);
    }),
  );
});

it('refuses a line without end, after those before it', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  const input = Readable.from([Buffer.from('a\n'), ...Array.from({ length: 17 }, () => chunk)]);
  const lines: Buffer[] = [];
  const reading = (async () => {
    for await (const some of splitLines(input)) lines.push(...some);
  })();
  await expect(reading).rejects.toThrow(`line 2 is longer than ${LINE_BYTES_MAX} bytes`);
  expect(lines).toHaveLength(1);
});
