// How keys and values become bytes and come back: strings, JSON and bytes are built in, others are functions of the user.

/** Turns a key or value into bytes; null never reaches it, and is stored as null. What it throws fails the whole send. */
export type Serializer<T> = (value: T, topic: string) => Uint8Array;

/** Turns the bytes of a key or value back; null never reaches it, and is delivered as null. */
export type Deserializer<T> = (bytes: Buffer, topic: string) => T;

/** Both ways of one form. */
export interface Serde<T> {
  readonly serialize: Serializer<T>;
  readonly deserialize: Deserializer<T>;
}

/** What producers take unless they are told otherwise: strings are written as UTF-8, bytes as they are. */
export type StringOrBytes = string | Uint8Array;

/** Bytes as they are. Delivered buffers are views of what was fetched: copy what is kept for long. */
export const bytesSerde: Serde<Buffer> = {
  serialize: (value) => value,
  deserialize: (bytes) => bytes,
};

/** UTF-8. Reading throws a TypeError for bytes that are not UTF-8, writing for half a surrogate pair. */
export const stringSerde: Serde<string> = {
  serialize: (value) => utf8Of(value),
  deserialize: (bytes) => strictUtf8.decode(bytes),
};

/**
 * JSON in UTF-8. `T` is what the caller says it is: nothing is checked against it. A value that JSON cannot hold (undefined,
 * a function) is a TypeError; null inside a value is kept, and null as the whole value is a null value.
 */
export function jsonSerde<T>(): Serde<T> {
  return {
    serialize: (value) => {
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined) throw new TypeError(`JSON cannot hold a value of type ${typeof value}`);
      return utf8Of(text);
    },
    deserialize: (bytes) => JSON.parse(strictUtf8.decode(bytes)) as T,
  };
}

/** The producers' default. */
export const stringOrBytes: Serializer<StringOrBytes> = (value) =>
  typeof value === 'string' ? utf8Of(value) : value;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Of(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new TypeError('half a surrogate pair cannot be written as UTF-8');
  return Buffer.from(text, 'utf8');
}
