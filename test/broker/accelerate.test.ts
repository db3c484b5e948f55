// The native checksum is taken where it is installed, and is right.
import { afterEach, expect, test } from 'vitest';
import { accelerateChecksums } from '../../lib/broker/accelerate.ts';
import { crc32c, crc32cInJavaScript, useCrc32c } from '../../lib/record/crc32c.ts';

afterEach(() => {
  useCrc32c(crc32cInJavaScript);
});

test('registers the native CRC-32C', async () => {
  // One that is wrong stands in its place first, so that only the registration can make the answer right.
  useCrc32c(() => 0);
  expect(await accelerateChecksums()).toBe(true);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});
