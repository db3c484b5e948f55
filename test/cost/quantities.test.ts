// Sizes, rates and durations as text.
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatSeconds,
  parseBytes,
  parseBytesPerSecond,
  parseSeconds,
} from '../../lib/cost/quantities.ts';

describe('quantities', () => {
  it.each([
    ['100', 100],
    ['100KB', 100_000],
    ['1.5 kib', 1_536],
    ['1MiB', 1_048_576],
    ['2gb', 2e9],
    ['', undefined],
    ['KB', undefined],
    ['-1KB', undefined],
    ['1e3', undefined],
    ['1XB', undefined],
    ['1KB/s', undefined],
  ])('reads the size "%s"', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each([
    ['0', 0],
    ['1MB/s', 1e6],
    ['60KB/m', 1_000],
    ['86.4MB/d', 1_000],
    ['1MiB / s', 1_048_576],
    ['1MB', undefined],
    ['1MB/y', undefined],
    ['1MB/s/s', undefined],
    ['/s', undefined],
  ])('reads the rate "%s"', (text, bytesPerSecond) => {
    expect(parseBytesPerSecond(text)).toBe(bytesPerSecond);
  });

  it.each([
    ['30s', 30],
    ['5m', 300],
    ['1.5h', 5_400],
    ['7d', 604_800],
    ['7', undefined],
    ['constructor', undefined],
    ['1constructor', undefined],
    ['1w', undefined],
  ])('reads the duration "%s"', (text, seconds) => {
    expect(parseSeconds(text)).toBe(seconds);
  });

  it('prints what it reads', () => {
    for (const bytes of [100, 1_000, 1_500, 999_999, 1e6, 1e12])
      expect(parseBytes(formatBytes(bytes)) ?? NaN).toBeCloseTo(bytes, -4);
    expect([30, 300, 5_400, 604_800].map(formatSeconds)).toEqual(['30 s', '5 m', '1.5 h', '7 d']);
  });
});
