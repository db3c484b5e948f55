// Writing pieces one behind the other, however few bytes the system takes at a time.
import type { FileHandle } from 'node:fs/promises';

/** Linux takes no more in one call (IOV_MAX). */
const PIECES_PER_WRITE = 1024;

/** Resolves when all bytes are written from where the file is now. Throws what the file system says. */
export async function writePieces(
  file: Pick<FileHandle, 'writev'>,
  pieces: readonly Uint8Array[],
): Promise<void> {
  for (let at = 0; at < pieces.length; at += PIECES_PER_WRITE) {
    let left = pieces.slice(at, at + PIECES_PER_WRITE);
    while (left.length > 0) left = withoutFirst(left, (await file.writev(left)).bytesWritten);
  }
}

function withoutFirst(pieces: readonly Uint8Array[], byteCount: number): Uint8Array[] {
  let dropped = 0;
  let leftBytes = byteCount;
  for (const { length } of pieces) {
    if (length > leftBytes) break;
    leftBytes -= length;
    dropped++;
  }
  const [first, ...others] = pieces.slice(dropped);
  return first ? [first.subarray(leftBytes), ...others] : [];
}
