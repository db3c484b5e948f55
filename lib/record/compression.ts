// Compressing the records of a batch, and decompressing them within a bound. Runs without any native module.
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { BrokerError } from '../base/errors.ts';
import type { Compression } from './batch-header.ts';
import { compressLz4Frame, decompressLz4Frame } from './lz4-frame.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';

/**
 * What a batch may decompress to unless the caller says otherwise: 64 times Kafka's default of max.message.bytes, and little
 * beside the memory of the smallest function. Without a bound a batch of 1 MB can ask for 1 GB.
 */
export const DECOMPRESSED_BYTES_MAX = 64 * 1024 * 1024;

interface Codec {
  readonly compress: (bytes: Uint8Array) => Uint8Array;
  /** Throws whatever it likes for damaged bytes, and for more than `maxBytes` what `isTooLarge` knows. */
  readonly decompress: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
}

const CODECS = {
  none: { compress: (bytes) => bytes, decompress: (bytes) => bytes },
  gzip: {
    compress: (bytes) => gzipSync(bytes),
    decompress: (bytes, maxBytes) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
  },
  snappy: { compress: compressSnappy, decompress: decompressSnappy },
  lz4: { compress: compressLz4Frame, decompress: decompressLz4Frame },
  zstd: {
    compress: (bytes) => zstdCompressSync(bytes),
    decompress: (bytes, maxBytes) => zstdDecompressSync(bytes, { maxOutputLength: maxBytes }),
  },
} as const satisfies Record<Compression, Codec>;

/** Compresses as the Java client's consumer can read it: gzip, xerial-framed snappy, LZ4 frame, zstd. */
export function compress(bytes: Uint8Array, compression: Compression): Uint8Array {
  return CODECS[compression].compress(bytes);
}

/**
 * Decompresses what any Kafka client has compressed; `none` answers `bytes` themselves.
 * Throws INVALID_RECORD for bytes that are damaged, and MESSAGE_TOO_LARGE for more than `maxBytes` decompressed.
 */
export function decompress(
  bytes: Uint8Array,
  compression: Compression,
  maxBytes: number = DECOMPRESSED_BYTES_MAX,
): Uint8Array {
  try {
    return CODECS[compression].decompress(bytes, maxBytes);
  } catch (cause) {
    if (cause instanceof BrokerError) throw cause;
    if (isTooLarge(cause)) {
      throw new BrokerError(
        'MESSAGE_TOO_LARGE',
        `${compression} records decompress to more than ${maxBytes} bytes`,
        { cause },
      );
    }
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new BrokerError('INVALID_RECORD', `${compression} records of ${bytes.length} bytes: ${what}`, {
      cause,
    });
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
