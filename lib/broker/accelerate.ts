// Loads what is faster than JavaScript where it is installed. For the embedded server alone: a Lambda's entry never imports
// this file, because its bundle must run without any native module.
import { crc32cInJavaScript, useCrc32c } from '../record/crc32c.ts';

/** Bytes whose checksum every right implementation agrees on with ours. */
const PROBE = new Uint8Array(64).map((_, at) => at * 7);

/** Registers the native CRC-32C; answers false, and changes nothing, where it is not installed or does not work. */
export async function accelerateChecksums(): Promise<boolean> {
  try {
    const { crc32c } = await import('@node-rs/crc32');
    if (crc32c(PROBE, 1) !== crc32cInJavaScript(PROBE, 1)) return false;
    useCrc32c(crc32c);
    return true;
  } catch {
    return false;
  }
}
