// Pieces arrive whole and in order, however few bytes the system takes at a time.
import { describe, expect, it } from 'vitest';
import { writePieces } from '../../../lib/storage/embedded/write-pieces.ts';

/** Takes at most so many bytes of a call, and refuses more pieces than Linux takes. */
function createFile(bytesMax: number) {
  const written: Buffer[] = [];
  return {
    written: () => Buffer.concat(written),
    calls: () => written.length,
    writev: <T extends readonly NodeJS.ArrayBufferView[]>(buffers: T) => {
      if (buffers.length > 1024) return Promise.reject(new Error('EINVAL'));
      const views = buffers.map(({ buffer, byteOffset, byteLength }) =>
        Buffer.from(buffer, byteOffset, byteLength),
      );
      const taken = Buffer.concat(views).subarray(0, bytesMax);
      written.push(taken);
      return Promise.resolve({ bytesWritten: taken.length, buffers });
    },
  };
}

/** Pieces of 0 to 6 bytes, all bytes different from their neighbours. */
const piecesOf = (count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, at) => new Uint8Array(at % 7).map((_byte, of) => (at * 7 + of) % 251));

describe('pieces', () => {
  it.each([1, 2, 3, 7, 64, 100_000])('are written whole, %i bytes at a time', async (bytesMax) => {
    for (const count of [0, 1, 2, 20, 1_024, 1_025, 2_500]) {
      const file = createFile(bytesMax);
      await writePieces(file, piecesOf(count));
      expect(file.written()).toEqual(Buffer.concat(piecesOf(count)));
    }
  });

  it('are as few calls as Linux allows where all is taken', async () => {
    const file = createFile(100_000);
    await writePieces(file, piecesOf(2_500));
    expect(file.calls()).toBe(3);
  });
});
