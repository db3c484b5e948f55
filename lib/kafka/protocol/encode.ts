// Makes encoders of schemas, compiled once for each version as the decoders are.
import { AssertionError } from '../../base/assert.ts';
import { layoutOf, type Dialect, type PlacedField } from './layout.ts';
import type { Encodable, PrimitiveType, StructType, WireType } from './schema.ts';
import * as write from './writer.ts';
import type { LengthWriter, Writer } from './writer.ts';

type Write = (writer: Writer, value: unknown) => void;
type Values = Readonly<Record<string, unknown>>;
type FixedName = Exclude<PrimitiveType['kind'], 'string' | 'bytes' | 'records'>;

const FIXED: Readonly<Record<FixedName, Write>> = {
  bool: write.writeBool as Write,
  int8: write.writeInt8 as Write,
  int16: write.writeInt16 as Write,
  uint16: write.writeUint16 as Write,
  int32: write.writeInt32 as Write,
  int64: write.writeInt64 as Write,
  bigInt64: write.writeBigInt64 as Write,
  float64: write.writeFloat64 as Write,
  uuid: write.writeUuid as Write,
};

const isParts = (value: unknown): value is readonly Uint8Array[] => Array.isArray(value);

function writeRecords(writer: Writer, value: unknown, writeLength: LengthWriter): void {
  const parts = isParts(value) ? value : [value as Uint8Array];
  writeLength(
    writer,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  for (const part of parts) write.writeReference(writer, part);
}

function arrayWriter(elementType: WireType, writeLength: LengthWriter, dialect: Dialect): Write {
  const writeElement = typeWriter(elementType, dialect);
  return (writer, value) => {
    const elements = value as readonly unknown[];
    writeLength(writer, elements.length);
    for (const element of elements) writeElement(writer, element);
  };
}

/** The writer of a type's values that are not null. */
function typeWriter(type: WireType, dialect: Dialect): Write {
  const writeShort = dialect.flexible ? write.writeCompactLength : write.writeShortLength;
  const writeLong = dialect.flexible ? write.writeCompactLength : write.writeIntLength;
  switch (type.kind) {
    case 'string':
      return (writer, value) => {
        write.writeText(writer, value as string, writeShort);
      };
    case 'bytes':
      return (writer, value) => {
        writeLong(writer, (value as Uint8Array).length);
        write.writeBytes(writer, value as Uint8Array);
      };
    case 'records':
      return (writer, value) => {
        writeRecords(writer, value, writeLong);
      };
    case 'array':
      return arrayWriter(type.element, writeLong, dialect);
    case 'struct':
      return structWriter(type, dialect);
    case 'bool':
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'int64':
    case 'bigInt64':
    case 'float64':
    case 'uuid':
      return FIXED[type.kind];
  }
}

function nullWriter(type: WireType, { flexible }: Dialect): (writer: Writer) => void {
  if (type.kind === 'struct') {
    return (writer) => {
      write.writeInt8(writer, -1);
    };
  }
  const ofOld = type.kind === 'string' ? write.writeShortLength : write.writeIntLength;
  const writeLength = flexible ? write.writeCompactLength : ofOld;
  return (writer) => {
    writeLength(writer, -1);
  };
}

function nullableWriter(type: WireType, dialect: Dialect): Write {
  const writeNull = nullWriter(type, dialect);
  const writeValue = typeWriter(type, dialect);
  return (writer, value) => {
    if (value === null) {
      writeNull(writer);
      return;
    }
    if (type.kind === 'struct') write.writeInt8(writer, 1);
    writeValue(writer, value);
  };
}

interface FieldWriter {
  readonly field: PlacedField;
  readonly write: Write;
}

function fieldWriter(field: PlacedField, dialect: Dialect): FieldWriter {
  const { type, nullable } = field;
  return { field, write: nullable ? nullableWriter(type, dialect) : typeWriter(type, dialect) };
}

/** The value to write for a field, which is its default if it may be left out and is. */
function valueOf(values: Values, { name, optional, absent, nullable }: PlacedField): unknown {
  const value = values[name];
  if (value === undefined) {
    if (optional) return absent;
    throw new AssertionError(`${name} has no value`);
  }
  if (value !== null || nullable) return value;
  throw new AssertionError(`${name} is null, which this version cannot say`);
}

type AbsenceTest = (value: unknown) => boolean;

/** Tells whether a tagged field's value is its default. A struct is when all that it holds is, as in Kafka. */
function absenceTest({ type, absent }: PlacedField, dialect: Dialect): AbsenceTest {
  if (type.kind === 'array' && absent !== null) {
    return (value) => value !== null && (value as readonly unknown[]).length === 0;
  }
  if (type.kind !== 'struct') return (value) => value === absent;
  const inner = layoutOf(type, dialect).plain.map((field) => ({ field, test: absenceTest(field, dialect) }));
  return (value) =>
    value === absent || inner.every(({ field, test }) => test(valueOf(value as Values, field)));
}

function tagsWriter(tagged: readonly PlacedField[], dialect: Dialect): Write {
  const writers = tagged.map((field) => ({
    field,
    write: fieldWriter(field, dialect).write,
    isAbsent: absenceTest(field, dialect),
  }));
  return (writer, values) => {
    const present: write.TaggedValue[] = [];
    for (const { field, write: writeValue, isAbsent } of writers) {
      const value = valueOf(values as Values, field);
      if (isAbsent(value)) continue;
      present.push({
        tag: field.tag ?? 0,
        write: (inner) => {
          writeValue(inner, value);
        },
      });
    }
    write.writeTaggedFields(writer, present);
  };
}

function structWriter(type: StructType, dialect: Dialect): Write {
  const { plain, tagged } = layoutOf(type, dialect);
  const fields = plain.map((field) => fieldWriter(field, dialect));
  const writeTags = tagsWriter(tagged, dialect);
  return (writer, value) => {
    const values = value as Values;
    for (const { field, write: writeValue } of fields) writeValue(writer, valueOf(values, field));
    if (dialect.flexible) writeTags(writer, values);
  };
}

const compiled = new WeakMap<StructType, Map<number, Write>>();

function compiledFor(type: StructType, dialect: Dialect): Write {
  const writers = compiled.get(type) ?? new Map<number, Write>();
  compiled.set(type, writers);
  const key = dialect.version * 2 + (dialect.flexible ? 1 : 0);
  const writer = writers.get(key) ?? structWriter(type, dialect);
  writers.set(key, writer);
  return writer;
}

/**
 * Writes a struct. Fields that the version lacks are ignored, records are not copied. Throws AssertionError, naming the
 * field or the value, if a field has no value or one that the version cannot say.
 */
export function encodeStruct<S extends StructType>(
  type: S,
  dialect: Dialect,
  value: Encodable<S>,
  writer: Writer,
): void {
  compiledFor(type, dialect)(writer, value);
}
