// Version ranges as Kafka's message definitions write them: `3` is one version, `3-5` has both ends, `3+` has no end.
import { assert } from '../../base/assert.ts';

/** A range in Kafka's notation. Both ends are inclusive, as they are in Kafka. */
export type VersionRange = `${number}` | `${number}-${number}` | `${number}+`;

const NOTATION = /^(\d+)(?:(\+)|-(\d+))?$/;

/** Whether `version` is inside `range`. Throws AssertionError if `range` is not in Kafka's notation. */
export function includesVersion(range: VersionRange, version: number): boolean {
  const match = NOTATION.exec(range);
  assert(match, `${range} is no range of versions`);
  const first = Number(match[1]);
  if (match[2] === '+') return version >= first;
  const last = match[3] === undefined ? first : Number(match[3]);
  return version >= first && version <= last;
}
