// Reads of single bytes and words for loops that have checked their bounds.

/** The byte at `at`, which must be inside. */
export const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] as number;

/** The signed little-endian word at `at`, all four bytes of which must be inside. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  byteAt(bytes, at) |
  (byteAt(bytes, at + 1) << 8) |
  (byteAt(bytes, at + 2) << 16) |
  (byteAt(bytes, at + 3) << 24);
