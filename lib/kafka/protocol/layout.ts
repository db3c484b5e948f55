// What a struct looks like in one version: which fields it has, in which order, and what the absent ones are.
import { assert } from '../../base/assert.ts';
import type { DefaultValue, Field, FieldOptions, Fields, StructType, WireType } from './schema.ts';
import { includesVersion } from './versions.ts';

/** How a message is written: the version of its API, and whether that is a flexible one. */
export interface Dialect {
  readonly version: number;
  readonly flexible: boolean;
}

export interface PlacedField {
  readonly name: string;
  readonly type: WireType;
  readonly nullable: boolean;
  readonly tag: number | undefined;
  /** Its value where it is absent. */
  readonly absent: unknown;
  /** Whether an encoder may be given no value for it. */
  readonly optional: boolean;
}

export interface Layout {
  /** In the order of the wire. */
  readonly plain: readonly PlacedField[];
  /** In the order of their tags. */
  readonly tagged: readonly PlacedField[];
  /** Every field of every version with its value where it is absent. */
  readonly blank: Readonly<Record<string, unknown>>;
}

/** The UUID of 16 zero bytes, which stands for none. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

const EMPTY_ARRAY: readonly unknown[] = Object.freeze([]);
const EMPTY_BYTES = new Uint8Array(0);

const asField = (member: Fields[string]): Field =>
  member.kind === 'field' ? member : { kind: 'field', type: member, options: {} };

function zeroOf(type: WireType): unknown {
  switch (type.kind) {
    case 'bool':
      return false;
    case 'bigInt64':
      return 0n;
    case 'string':
      return '';
    case 'uuid':
      return ZERO_UUID;
    case 'bytes':
    case 'records':
      return EMPTY_BYTES;
    case 'array':
      return EMPTY_ARRAY;
    case 'struct':
      return Object.freeze(blankOf(type));
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'int64':
    case 'float64':
      return 0;
  }
}

function absentValue(type: WireType, defaultValue: DefaultValue | undefined): unknown {
  return defaultValue === undefined ? zeroOf(type) : defaultValue;
}

function blankOf({ fields }: StructType): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, member]) => {
    const { type, options } = asField(member);
    return [name, absentValue(type, options.defaultValue)] as const;
  });
  return Object.fromEntries(entries);
}

function place(name: string, type: WireType, options: FieldOptions, version: number): PlacedField {
  const { nullable, tag, defaultValue } = options;
  return {
    ...{ name, type, tag },
    nullable: nullable !== undefined && includesVersion(nullable, version),
    absent: absentValue(type, defaultValue),
    optional: defaultValue !== undefined || tag !== undefined,
  };
}

/** The layout of a struct. Throws AssertionError if a version that is not flexible would have tagged fields. */
export function layoutOf(type: StructType, { version, flexible }: Dialect): Layout {
  const placed: PlacedField[] = [];
  for (const [name, member] of Object.entries(type.fields)) {
    const { type: fieldType, options } = asField(member);
    if (!includesVersion(options.versions ?? '0+', version)) continue;
    placed.push(place(name, fieldType, options, version));
  }
  const tagged = placed.filter(({ tag }) => tag !== undefined);
  assert(flexible || tagged.length === 0, `version ${version} is not flexible, but has tagged fields`);
  tagged.sort((one, other) => (one.tag ?? 0) - (other.tag ?? 0));
  return { plain: placed.filter(({ tag }) => tag === undefined), tagged, blank: blankOf(type) };
}
