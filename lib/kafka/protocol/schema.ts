// The language in which the messages of Kafka's protocol are described: one description gives the decoder and the encoder
// of every version (decode.ts, encode.ts) and the TypeScript types of both.
//
// The grammar above each schema is in Kafka's notation: `[x]` is an array, `<x>` a tagged field, and in parentheses stand
// the versions that have a field where not all do. From the first flexible version on, strings, bytes, records and arrays
// are COMPACT and every struct ends with _tagged_fields.
import type { VersionRange } from './versions.ts';

/** What the primitive types hold in TypeScript. */
export interface PrimitiveValues {
  readonly bool: boolean;
  readonly int8: number;
  readonly int16: number;
  readonly uint16: number;
  readonly int32: number;
  /** A safe integer: larger ones are refused. */
  readonly int64: number;
  readonly bigInt64: bigint;
  readonly float64: number;
  /** 22 characters of base64url. */
  readonly uuid: string;
  readonly string: string;
  readonly bytes: Uint8Array;
  readonly records: Uint8Array;
}

export type PrimitiveName = keyof PrimitiveValues;

export interface PrimitiveType<N extends PrimitiveName = PrimitiveName> {
  readonly kind: N;
}

export interface ArrayType<E extends WireType = WireType> {
  readonly kind: 'array';
  readonly element: E;
}

export interface StructType<F extends Fields = Fields> {
  readonly kind: 'struct';
  readonly fields: F;
}

export type WireType = PrimitiveType | ArrayType | StructType;

export type DefaultValue = boolean | number | bigint | string | null;

export interface FieldOptions {
  /** The versions that have the field. Default: all. */
  readonly versions?: VersionRange;
  /** The versions in which it may be null. Default: none. */
  readonly nullable?: VersionRange;
  /** Its tag, for a field in _tagged_fields. It is left out if it has its default. */
  readonly tag?: number;
  /** Its value where it is absent. Without one it is 0, false, the zero UUID, empty, or a struct of such. */
  readonly defaultValue?: DefaultValue;
}

export interface Field<T extends WireType = WireType, O extends FieldOptions = FieldOptions> {
  readonly kind: 'field';
  readonly type: T;
  readonly options: O;
}

/** The fields of a struct in the order of the wire. A bare type is a field that all versions have. */
export type Fields = Readonly<Record<string, WireType | Field>>;

/** BOOLEAN. */
export const bool: PrimitiveType<'bool'> = { kind: 'bool' };
/** INT8. */
export const int8: PrimitiveType<'int8'> = { kind: 'int8' };
/** INT16. */
export const int16: PrimitiveType<'int16'> = { kind: 'int16' };
/** UINT16. */
export const uint16: PrimitiveType<'uint16'> = { kind: 'uint16' };
/** INT32. */
export const int32: PrimitiveType<'int32'> = { kind: 'int32' };
/** INT64 as a safe integer: offsets, times in milliseconds, sizes. */
export const int64: PrimitiveType<'int64'> = { kind: 'int64' };
/** INT64 as a bigint: producer ids, and whatever may have all 64 bits. */
export const bigInt64: PrimitiveType<'bigInt64'> = { kind: 'bigInt64' };
/** FLOAT64. */
export const float64: PrimitiveType<'float64'> = { kind: 'float64' };
/** UUID. */
export const uuid: PrimitiveType<'uuid'> = { kind: 'uuid' };
/** STRING or COMPACT_STRING, at most 32767 bytes of UTF-8. */
export const string: PrimitiveType<'string'> = { kind: 'string' };
/** BYTES or COMPACT_BYTES. Decoded they are a view of the frame. */
export const bytes: PrimitiveType<'bytes'> = { kind: 'bytes' };
/** RECORDS or COMPACT_RECORDS. Decoded they are a view of the frame; encoded they are not copied. */
export const records: PrimitiveType<'records'> = { kind: 'records' };

/** ARRAY or COMPACT_ARRAY of `element`, which is never null. */
export function array<E extends WireType>(element: E): ArrayType<E> {
  return { kind: 'array', element };
}

/** A struct of `fields` in the order of the wire. */
export function struct<F extends Fields>(fields: F): StructType<F> {
  return { kind: 'struct', fields };
}

/** A field that some versions lack, or that may be null, is tagged, or has a default other than its type's. */
export function field<T extends WireType, const O extends FieldOptions>(type: T, options: O): Field<T, O> {
  return { kind: 'field', type, options };
}

type NullOf<O> = O extends { readonly nullable: string } ? null : never;

/** What a decoder gives: every field, also those that the version lacks. */
export type Decoded<T> =
  T extends Field<infer U, infer O>
    ? Decoded<U> | NullOf<O>
    : T extends StructType<infer F>
      ? { readonly [K in keyof F]: Decoded<F[K]> }
      : T extends ArrayType<infer E>
        ? readonly Decoded<E>[]
        : T extends PrimitiveType<infer N>
          ? PrimitiveValues[N]
          : never;

/** Batches one after the other. */
type EncodableRecords = Uint8Array | readonly Uint8Array[];

type MayBeLeftOut<T> =
  T extends Field<WireType, infer O>
    ? O extends { readonly defaultValue: unknown } | { readonly tag: number }
      ? true
      : false
    : false;

type OptionalKeys<F> = { [K in keyof F]: MayBeLeftOut<F[K]> extends true ? K : never }[keyof F];

type EncodableFields<F> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Encodable<F[K]>;
} & { readonly [K in OptionalKeys<F>]?: Encodable<F[K]> };

/**
 * What an encoder takes: fields with a default may be left out, records may come in parts. Fields that the version lacks
 * are ignored.
 */
export type Encodable<T> =
  T extends Field<infer U, infer O>
    ? Encodable<U> | NullOf<O>
    : T extends StructType<infer F>
      ? EncodableFields<F>
      : T extends ArrayType<infer E>
        ? readonly Encodable<E>[]
        : T extends PrimitiveType<infer N>
          ? N extends 'records'
            ? EncodableRecords
            : PrimitiveValues[N]
          : never;

/** One API of the protocol. Versions are inclusive, as in Kafka. */
export interface ApiSchema<Q extends StructType = StructType, S extends StructType = StructType> {
  readonly apiKey: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** The first flexible version; null: none is. */
  readonly flexibleFrom: number | null;
  readonly request: Q;
  readonly response: S;
}

/** The API as given, with the types of its messages kept. */
export function api<Q extends StructType, S extends StructType>(schema: ApiSchema<Q, S>): ApiSchema<Q, S> {
  return schema;
}

/** Whether `version` of the API is flexible. Its header is too, but for the answer to ApiVersions (headers.ts). */
export const isFlexible = ({ flexibleFrom }: ApiSchema, version: number): boolean =>
  flexibleFrom !== null && version >= flexibleFrom;

/** A request of the API as decoded. */
export type RequestOf<A extends ApiSchema> = Decoded<A['request']>;

/** A response of the API as a handler gives it to the encoder. */
export type ResponseOf<A extends ApiSchema> = Encodable<A['response']>;
