// Messages of every API and version, made from the schemas: what a decoder gives for them is known.
import fc from 'fast-check';
import { API_SCHEMAS } from '../../../lib/kafka/protocol/api-schemas.ts';
import { layoutOf, type Dialect, type PlacedField } from '../../../lib/kafka/protocol/layout.ts';
import { isFlexible } from '../../../lib/kafka/protocol/schema.ts';
import type { ApiSchema, PrimitiveName, StructType, WireType } from '../../../lib/kafka/protocol/schema.ts';

export type Message = Record<string, unknown>;

/** One API in one version and one direction. */
export interface MessageKind {
  readonly title: string;
  readonly schema: ApiSchema;
  readonly direction: 'request' | 'response';
  readonly type: StructType;
  readonly dialect: Dialect;
}

const ALL: readonly ApiSchema[] = Object.values(API_SCHEMAS);

export const versionsOf = ({ minVersion, maxVersion }: ApiSchema): readonly number[] =>
  Array.from({ length: maxVersion - minVersion + 1 }, (_, index) => minVersion + index);

/** Every message of the protocol. */
export const MESSAGE_KINDS: readonly MessageKind[] = ALL.flatMap((schema) =>
  versionsOf(schema).flatMap((version) =>
    (['request', 'response'] as const).map((direction) => ({
      title: `${schema.name} ${direction} ${version}`,
      ...{ schema, direction, type: schema[direction] },
      dialect: { version, flexible: isFlexible(schema, version) },
    })),
  ),
);

const unpadded = fc.uint8Array({ minLength: 16, maxLength: 16 });
const int64 = fc.oneof(
  fc.constantFrom(-1, 0, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  fc.maxSafeInteger(),
);

const PRIMITIVES: Readonly<Record<PrimitiveName, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -0x80, max: 0x7f }),
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint16: fc.integer({ min: 0, max: 0xffff }),
  int32: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  int64,
  bigInt64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float64: fc.double({ noNaN: true }),
  uuid: unpadded.map((id) => Buffer.from(id).toString('base64url')),
  string: fc.string({ maxLength: 12, unit: 'grapheme' }),
  bytes: fc.uint8Array({ maxLength: 12 }),
  records: fc.uint8Array({ maxLength: 40 }),
};

/** How many elements arrays have. */
export interface ArraySize {
  readonly minLength: number;
  readonly maxLength: number;
}

function valueOf(type: WireType, dialect: Dialect, size: ArraySize): fc.Arbitrary<unknown> {
  if (type.kind === 'array') return fc.array(valueOf(type.element, dialect, size), size);
  return type.kind === 'struct' ? structOf(type, dialect, size) : PRIMITIVES[type.kind];
}

function fieldOf(field: PlacedField, dialect: Dialect, size: ArraySize): fc.Arbitrary<unknown> {
  const value = valueOf(field.type, dialect, size);
  const maybe = field.nullable ? fc.option(value, { nil: null, freq: 3 }) : value;
  return field.tag === undefined
    ? maybe
    : fc.oneof({ weight: 3, arbitrary: maybe }, fc.constant(field.absent));
}

function structOf(type: StructType, dialect: Dialect, size: ArraySize): fc.Arbitrary<Message> {
  const { plain, tagged, blank } = layoutOf(type, dialect);
  const fields = [...plain, ...tagged].map((field) => [field.name, fieldOf(field, dialect, size)] as const);
  return fc.record(Object.fromEntries(fields)).map((value) => ({ ...blank, ...value }));
}

/** Messages of a kind as a decoder gives them: the fields that the version lacks have their defaults. */
export function messageOf(
  { type, dialect }: Pick<MessageKind, 'type' | 'dialect'>,
  size: ArraySize = { minLength: 0, maxLength: 3 },
): fc.Arbitrary<Message> {
  return structOf(type, dialect, size);
}
