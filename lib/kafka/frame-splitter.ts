// Cuts the bytes of a connection into frames. A frame that lies in one chunk is a view of it; others are put together once
// all of their bytes are there, so that a size alone costs nothing.
import { BrokerError } from '../base/errors.ts';

const SIZE_BYTES = 4;

/** So many chunks of a frame, if they are small, are made one: each costs more than a byte that it may hold. */
const CHUNKS_MAX = 128;
/** A chunk of a fast client is 64 KB: those are left alone. */
const SMALL_CHUNKS_BYTES_MAX = CHUNKS_MAX * 1024;

/** Owned by one connection. */
export class FrameSplitter {
  readonly #frameBytesMax: () => number;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  /** Of the frame that has begun, with its size; 0 where that is not known yet. */
  #wantedBytes = 0;
  /** Of the last chunks, so many came since chunks were made one, with so many bytes. */
  #loose = { chunks: 0, bytes: 0 };

  /** `frameBytesMax`: Kafka's socket.request.max.bytes; asked anew for each frame. */
  constructor(frameBytesMax: () => number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Bytes of frames that are not whole yet. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Bytes that the frame lacks that has begun; 0 where its size is not known yet. */
  get lackingBytes(): number {
    return Math.max(0, this.#wantedBytes - this.#bufferedBytes);
  }

  /** Takes a chunk and answers the frames that it makes whole, without their sizes. Throws INVALID_REQUEST for a size that none may have. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    const frames: Buffer[] = [];
    for (let size = this.#nextSize(); size !== undefined; size = this.#nextSize()) {
      this.#wantedBytes = SIZE_BYTES + size;
      if (this.#bufferedBytes < this.#wantedBytes) break;
      this.#wantedBytes = 0;
      frames.push(this.#take(SIZE_BYTES + size).subarray(SIZE_BYTES));
    }
    this.#joinSmallChunks(frames.length === 0 ? chunk.length : undefined);
    return frames;
  }

  /** `addedBytes`: of the chunk that has joined those before it; undefined: it began anew. */
  #joinSmallChunks(addedBytes: number | undefined): void {
    if (addedBytes === undefined) this.#loose = { chunks: 0, bytes: 0 };
    else this.#loose = { chunks: this.#loose.chunks + 1, bytes: this.#loose.bytes + addedBytes };
    if (this.#loose.chunks < CHUNKS_MAX) return;
    if (this.#loose.bytes <= SMALL_CHUNKS_BYTES_MAX)
      this.#chunks.push(Buffer.concat(this.#chunks.splice(-this.#loose.chunks)));
    this.#loose = { chunks: 0, bytes: 0 };
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
    const bytesMax = this.#frameBytesMax();
    if (size >= 0 && size <= bytesMax) return size;
    const message = `a request must have 0 to ${bytesMax} bytes, got ${size}${hintOf(first)}`;
    throw new BrokerError('INVALID_REQUEST', message);
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
    // What is left stays a view of its chunk: one of the whole would keep a frame of 100 MB for the sake of a byte.
    const chunks = this.#chunks;
    const last = chunks.at(-1);
    this.#chunks = this.#bufferedBytes > 0 && last ? [last.subarray(last.length - this.#bufferedBytes)] : [];
    return Buffer.concat(chunks, byteCount);
  }
}

/** What those who are no Kafka clients say first would be a size. */
function hintOf(bytes: Buffer): string {
  if (bytes[0] === TLS_HANDSHAKE && bytes[1] === TLS_MAJOR_VERSION)
    return ', which is how TLS begins: this port has none';
  return HTTP_BEGINS.test(bytes.toString('latin1', 0, 8)) ? ', which is how HTTP begins' : '';
}

const TLS_HANDSHAKE = 22;
const TLS_MAJOR_VERSION = 3;
const HTTP_BEGINS = /^(GET|POST|PUT|HEAD|DELETE|OPTIONS|PATCH|CONNECT|PRI) /;
