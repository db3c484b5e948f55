// CRC-32C (Castagnoli), the checksum of record batches. JavaScript always works; a process may register a native one.
import { byteAt, wordAt } from './bytes.ts';

/** Continues a CRC-32C over `bytes`; `initial` is what it was of the bytes before, 0 at the start. Unsigned. */
export type Crc32c = (bytes: Uint8Array, initial?: number) => number;

/** The reversed polynomial (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;
const TABLE = 256;

/** Slicing by 8: table k says what a byte does to the checksum once k more bytes have followed it. */
function buildTables(): Int32Array {
  const tables = new Int32Array(8 * TABLE);
  for (let byte = 0; byte < TABLE; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = TABLE; at < tables.length; at++) {
    const before = tables[at - TABLE] as number;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] as number);
  }
  return tables;
}

const TABLES = buildTables();

const tableAt = (index: number): number => TABLES[index] as number;

/** The CRC-32C in plain JavaScript. */
export function crc32cInJavaScript(bytes: Uint8Array, initial = 0): number {
  const { length } = bytes;
  let crc = ~initial;
  let at = 0;
  for (const end = length - 7; at < end; at += 8) {
    crc ^= wordAt(bytes, at);
    crc =
      tableAt(7 * TABLE + (crc & 0xff)) ^
      tableAt(6 * TABLE + ((crc >>> 8) & 0xff)) ^
      tableAt(5 * TABLE + ((crc >>> 16) & 0xff)) ^
      tableAt(4 * TABLE + (crc >>> 24)) ^
      tableAt(3 * TABLE + byteAt(bytes, at + 4)) ^
      tableAt(2 * TABLE + byteAt(bytes, at + 5)) ^
      tableAt(TABLE + byteAt(bytes, at + 6)) ^
      tableAt(byteAt(bytes, at + 7));
  }
  for (; at < length; at++) crc = tableAt((crc ^ byteAt(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

let inUse: Crc32c = crc32cInJavaScript;

/** The CRC-32C, by the accelerator where one is registered. */
export function crc32c(bytes: Uint8Array, initial = 0): number {
  return inUse(bytes, initial);
}

/**
 * Registers an accelerator for the whole process; nothing else of it changes, as every CRC-32C answers the same.
 * It is given, not imported, because a Lambda's bundle must not contain or need a native module.
 */
export function useCrc32c(accelerator: Crc32c): void {
  inUse = accelerator;
}
