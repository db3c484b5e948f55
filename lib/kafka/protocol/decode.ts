// Makes decoders of schemas. A struct is compiled once for each version into a list of closures, which is what keeps the
// versions out of the hot paths.
import { assert } from '../../base/assert.ts';
import { layoutOf, type Dialect, type PlacedField } from './layout.ts';
import { malformed } from './malformed.ts';
import * as read from './reader.ts';
import type { LengthReader, Reader } from './reader.ts';
import type { Decoded, PrimitiveType, StructType, WireType } from './schema.ts';

type Read = (reader: Reader) => unknown;

/** How to read a type, and the fewest bytes that one value of it can have. */
interface Plan {
  readonly read: Read;
  readonly bytesMin: number;
}

/** Schemas are shallow: Fetch, the deepest, has five structs and arrays around its deepest field. */
const DEPTH_MAX = 16;

type FixedName = Exclude<PrimitiveType['kind'], 'string' | 'bytes' | 'records'>;

const FIXED: Readonly<Record<FixedName, Plan>> = {
  bool: { read: read.readBool, bytesMin: 1 },
  int8: { read: read.readInt8, bytesMin: 1 },
  int16: { read: read.readInt16, bytesMin: 2 },
  uint16: { read: read.readUint16, bytesMin: 2 },
  int32: { read: read.readInt32, bytesMin: 4 },
  int64: { read: read.readInt64, bytesMin: 8 },
  bigInt64: { read: read.readBigInt64, bytesMin: 8 },
  float64: { read: read.readFloat64, bytesMin: 8 },
  uuid: { read: read.readUuid, bytesMin: 16 },
};

/** Reads a length and then what it measures; null is refused unless `nullable`. */
function measured(
  readLength: LengthReader,
  nullable: boolean,
  readRest: (reader: Reader, length: number) => unknown,
): Read {
  return (reader) => {
    const length = readLength(reader);
    if (length >= 0) return readRest(reader, length);
    if (nullable) return null;
    throw malformed(`null before byte ${reader.at}, where this version has none`);
  };
}

function planText(nullable: boolean, { flexible }: Dialect): Plan {
  const readLength = flexible ? read.readCompactLength : read.readShortLength;
  return { read: measured(readLength, nullable, read.readText), bytesMin: flexible ? 1 : 2 };
}

function planLong(
  nullable: boolean,
  { flexible }: Dialect,
  rest: (reader: Reader, length: number) => unknown,
): Plan {
  const readLength = flexible ? read.readCompactLength : read.readIntLength;
  return { read: measured(readLength, nullable, rest), bytesMin: flexible ? 1 : 4 };
}

function planArray(elementType: WireType, nullable: boolean, dialect: Dialect, depth: number): Plan {
  const element = planType(elementType, false, dialect, depth + 1);
  assert(element.bytesMin > 0, 'an element of an array may be of no bytes');
  return planLong(nullable, dialect, (reader, count) => {
    read.checkCount(reader, count, element.bytesMin);
    const values: unknown[] = [];
    for (let index = 0; index < count; index++) values.push(element.read(reader));
    return values;
  });
}

/** A struct that may be null has a byte before it: -1 for null, 1 for a value (KIP-893). */
function planNullableStruct(plan: Plan): Plan {
  const readNullable: Read = (reader) => (read.readInt8(reader) < 0 ? null : plan.read(reader));
  return { read: readNullable, bytesMin: 1 };
}

function planType(type: WireType, nullable: boolean, dialect: Dialect, depth: number): Plan {
  assert(depth <= DEPTH_MAX, `a schema is more than ${DEPTH_MAX} types deep`);
  switch (type.kind) {
    case 'string':
      return planText(nullable, dialect);
    case 'bytes':
    case 'records':
      return planLong(nullable, dialect, read.readView);
    case 'array':
      return planArray(type.element, nullable, dialect, depth);
    case 'struct': {
      const plan = planStruct(type, dialect, depth);
      return nullable ? planNullableStruct(plan) : plan;
    }
    case 'bool':
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'int64':
    case 'bigInt64':
    case 'float64':
    case 'uuid':
      assert(!nullable, `${type.kind} is never null`);
      return FIXED[type.kind];
  }
}

type TagsReader = (reader: Reader, value: Record<string, unknown>) => void;

function tagsReader(tagged: readonly PlacedField[], dialect: Dialect, depth: number): TagsReader {
  const known = new Map(
    tagged.map(({ name, tag, type, nullable }) => [
      tag,
      { name, plan: planType(type, nullable, dialect, depth + 1) },
    ]),
  );
  return (reader, value) => {
    read.readTaggedFields(reader, (tag) => {
      const entry = known.get(tag);
      if (entry === undefined) return false;
      value[entry.name] = entry.plan.read(reader);
      return true;
    });
  };
}

function planStruct(type: StructType, dialect: Dialect, depth: number): Plan {
  const { plain, tagged, blank } = layoutOf(type, dialect);
  const fields = plain.map(({ name, type: fieldType, nullable }) => {
    const plan = planType(fieldType, nullable, dialect, depth + 1);
    return { name, read: plan.read, bytesMin: plan.bytesMin };
  });
  const readTags = dialect.flexible ? tagsReader(tagged, dialect, depth) : undefined;
  const bytesMin = fields.reduce((sum, field) => sum + field.bytesMin, readTags ? 1 : 0);
  const readStruct: Read = (reader) => {
    const value: Record<string, unknown> = { ...blank };
    for (const field of fields) value[field.name] = field.read(reader);
    readTags?.(reader, value);
    return value;
  };
  return { read: readStruct, bytesMin };
}

const compiled = new WeakMap<StructType, Map<number, Read>>();

function compiledFor(type: StructType, dialect: Dialect): Read {
  const plans = compiled.get(type) ?? new Map<number, Read>();
  compiled.set(type, plans);
  const key = dialect.version * 2 + (dialect.flexible ? 1 : 0);
  const plan = plans.get(key) ?? planStruct(type, dialect, 0).read;
  plans.set(key, plan);
  return plan;
}

/**
 * Reads a struct. Fields that the version lacks have their default; bytes and records are views of the frame; unknown
 * tagged fields are passed over; what follows the struct is left to the caller. Throws INVALID_REQUEST.
 */
export function decodeStruct<S extends StructType>(type: S, dialect: Dialect, reader: Reader): Decoded<S> {
  return compiledFor(type, dialect)(reader) as Decoded<S>;
}
