// Memory for bytes that go through a process, given back by who has seen them off. Left to the garbage collector, a few
// hundred MB of buffers a second cost more than all that is done with them.

const BLOCK_BYTES_MIN = 64 * 1024;
const BLOCK_BYTES_MAX = 4 * 1024 * 1024;

/** Blocks whose sizes are powers of two. What is never given back is collected as any other memory. */
export class BytePool {
  readonly #freeBytesMax: number;
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #taken = new WeakSet<ArrayBufferLike>();
  #freeBytes = 0;

  /** `freeBytesMax`: so much memory is kept for the next who takes some; with 0 this is no pool at all. */
  constructor(freeBytesMax: number) {
    this.#freeBytesMax = freeBytesMax;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Bytes to be written over: they hold anything. Nobody else has any of their buffer. */
  take(byteCount: number): Uint8Array {
    const isPooled = byteCount >= BLOCK_BYTES_MIN / 2 && byteCount <= BLOCK_BYTES_MAX;
    if (!isPooled || this.#freeBytesMax === 0) return allocate(byteCount);
    const blockBytes = Math.max(BLOCK_BYTES_MIN, 2 ** Math.ceil(Math.log2(byteCount)));
    const block = this.#free.get(blockBytes)?.pop();
    if (block) this.#freeBytes -= blockBytes;
    const buffer = block ?? allocate(blockBytes).buffer;
    this.#taken.add(buffer);
    return new Uint8Array(buffer, 0, byteCount);
  }

  /**
   * Takes a block back by any view of it: nothing may use it from then on. Other bytes are left alone, so that whoever has
   * seen bytes off may give them here without knowing where they came from.
   */
  giveBack({ buffer }: Uint8Array): void {
    if (!(buffer instanceof ArrayBuffer) || !this.#taken.delete(buffer)) return;
    if (this.#freeBytes + buffer.byteLength > this.#freeBytesMax) return;
    this.#freeBytes += buffer.byteLength;
    const free = this.#free.get(buffer.byteLength) ?? [];
    free.push(buffer);
    this.#free.set(buffer.byteLength, free);
  }
}

/** Not filled with zeros first, and of no pool of Node's. */
function allocate(byteCount: number): Uint8Array<ArrayBuffer> {
  const { buffer } = Buffer.allocUnsafeSlow(byteCount);
  return new Uint8Array(buffer);
}
