// Cuts the bytes of a connection into frames. A frame that lies in one chunk is a view of it; others are put together once
// all of their bytes are there, so that a size alone costs nothing.
import { BrokerError } from '../base/errors.ts';

const SIZE_BYTES = 4;

/** Owned by one connection. */
export class FrameSplitter {
  readonly #frameBytesMax: number;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;

  /** `frameBytesMax`: Kafka's socket.request.max.bytes. */
  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Bytes of frames that are not whole yet. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Takes a chunk and answers the frames that it makes whole, without their sizes. Throws INVALID_REQUEST for a size that none may have. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    const frames: Buffer[] = [];
    for (let size = this.#nextSize(); size !== undefined; size = this.#nextSize()) {
      if (this.#bufferedBytes < SIZE_BYTES + size) break;
      frames.push(this.#take(SIZE_BYTES + size).subarray(SIZE_BYTES));
    }
    return frames;
  }

  #nextSize(): number | undefined {
    if (this.#bufferedBytes < SIZE_BYTES) return undefined;
    let first = this.#chunks[0] ?? Buffer.alloc(0);
    if (first.length < SIZE_BYTES) {
      // At most three bytes and the chunk after them, which may be another few bytes.
      first = Buffer.concat(this.#chunks);
      this.#chunks = [first];
    }
    const size = first.readInt32BE(0);
    if (size >= 0 && size <= this.#frameBytesMax) return size;
    throw new BrokerError(
      'INVALID_REQUEST',
      `a request must have 0 to ${this.#frameBytesMax} bytes, got ${size}`,
    );
  }

  #take(byteCount: number): Buffer {
    const [first] = this.#chunks;
    this.#bufferedBytes -= byteCount;
    if (first && first.length > byteCount) {
      this.#chunks[0] = first.subarray(byteCount);
      return first.subarray(0, byteCount);
    }
    if (first?.length === byteCount) {
      this.#chunks.shift();
      return first;
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks = all.length > byteCount ? [all.subarray(byteCount)] : [];
    return all.subarray(0, byteCount);
  }
}
