// The README's table of Kafka's APIs says what the gateway serves: every API once, with the versions that it has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HANDLERS, SERVED } from '../../lib/kafka/handlers.ts';

const README = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');

interface Row {
  readonly keys: readonly number[];
  readonly names: readonly string[];
  readonly versions: readonly string[];
}

/** `1-3, 5`: 1, 2, 3, 5. */
function numbersOf(text: string): readonly number[] {
  return text.split(', ').flatMap((part) => {
    const [first = NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}

const rows: readonly Row[] = README.split('\n').flatMap((line) => {
  const [, keys, names, versions] = /^\| ([\d, -]+) \| ([^|]+) \| ([^|]*)\|/.exec(line) ?? [];
  if (keys === undefined || names === undefined) return [];
  const some = versions?.trim() ?? '';
  return [{ keys: numbersOf(keys), names: names.split(', '), versions: some === '' ? [] : some.split(', ') }];
});

const rowOf = (apiKey: number): Row | undefined => rows.find(({ keys }) => keys.includes(apiKey));

/** Of a row with one entry for each key, or with one for all. */
const nth = (values: readonly string[], at: number): string | undefined =>
  values.length === 1 ? values[0] : values[at];

describe('the README', () => {
  it.each([...HANDLERS.keys()])('has API %i with its name and its versions', (apiKey) => {
    const row = rowOf(apiKey);
    const at = row?.keys.indexOf(apiKey) ?? -1;
    const { minVersion = -1, maxVersion = -1, advertisedMin = minVersion } = SERVED.get(apiKey) ?? {};
    // Kafka itself says 0 for Produce, and serves 3.
    const min = apiKey === 0 ? minVersion : advertisedMin;
    expect(nth(row?.names ?? [], at)).toBe(HANDLERS.get(apiKey)?.schema.name);
    expect(nth(row?.versions ?? [], at)).toBe(min === maxVersion ? `${min}` : `${min}-${maxVersion}`);
  });

  it('has no versions of what is not served, and no API twice', () => {
    const served = rows.filter(({ versions }) => versions.length > 0).flatMap(({ keys }) => keys);
    expect(served.toSorted((a, b) => a - b)).toEqual([...HANDLERS.keys()].toSorted((a, b) => a - b));
    const all = rows.flatMap(({ keys }) => keys);
    expect(new Set(all).size).toBe(all.length);
  });
});
