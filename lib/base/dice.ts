// Randomness as a value that is passed in, so that a seed can own it. The only file of lib that touches real dice.
import { randomFillSync } from 'node:crypto';

/** A source of randomness. */
export interface Dice {
  /** A number in [0, 1). */
  random(): number;
  /** `length` fresh random bytes, owned by the caller; 16 of them are unique for all practical purposes. */
  bytes(length: number): Uint8Array;
}

/** The machine's randomness, of cryptographic quality. */
export function createSystemDice(): Dice {
  return { random: () => Math.random(), bytes: (length) => randomFillSync(new Uint8Array(length)) };
}

/** Formats 16 bytes as a UUID's 36 characters, without setting version bits. */
export function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
