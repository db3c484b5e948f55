// Packing of small stored values: unsigned and signed variable-length integers, and bytes, one after the other.
import { BrokerError } from '../../base/errors.ts';

/*
 * UVARINT: seven bits a byte, lowest first, top bit set on all but the last byte; up to 2^53 - 1.
 * SVARINT: zigzag of a safe integer, as UVARINT.
 */

/** Writes one packed value. `finish` returns the bytes, owned by the caller; the packer is then not used any more. */
export class Packer {
  #bytes: Uint8Array;
  #end = 0;

  constructor(capacityBytes = 64) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#end++] = value;
    return this;
  }

  /** A safe integer from 0. */
  unsigned(value: number): this {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#end++] = rest;
    return this;
  }

  /** An integer of at most 52 bits and a sign. */
  signed(value: number): this {
    return this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  raw(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
    return this;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#end + count));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
  }
}

/** Reads one packed value from its start. Throws KAFKA_STORAGE_ERROR where it is cut off. */
export class Unpacker {
  readonly #what: string;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(what: string, bytes: Uint8Array) {
    this.#what = what;
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw this.#cutOff();
    return value;
  }

  unsigned(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A view of the packed bytes, not a copy. */
  raw(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw this.#cutOff();
    const value = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return value;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  #cutOff(): BrokerError {
    return new BrokerError(
      'KAFKA_STORAGE_ERROR',
      `${this.#what} is cut off after ${this.#bytes.length} bytes`,
      {
        retriable: false,
      },
    );
  }
}
