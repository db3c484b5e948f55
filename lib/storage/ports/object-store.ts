// The object port: immutable bytes under keys that are never written twice with different bytes.

/** Half-open byte range. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ObjectEntry {
  readonly key: string;
  readonly bytes: number;
  /** When it was written, by the store's clock. */
  readonly lastModifiedMs: number;
}

/** An object's bytes, in one piece or in several that follow each other: who has pieces need not join them to put them. */
export type ObjectContents = Uint8Array | readonly Uint8Array[];

/** The pieces, in their order; nothing is copied. */
export const piecesOf = (contents: ObjectContents): readonly Uint8Array[] =>
  contents instanceof Uint8Array ? [contents] : contents;

/** How many bytes all the pieces have. */
export const byteCountOf = (contents: ObjectContents): number =>
  piecesOf(contents).reduce((sum, { length }) => sum + length, 0);

/** All of it in one piece: what was one already is not copied. */
export const wholeOf = (contents: ObjectContents): Uint8Array =>
  contents instanceof Uint8Array ? contents : Buffer.concat(contents);

/**
 * The object port. A put is durable when it resolves, and readable from then on. Keys are made of `a-z A-Z 0-9 - _ . / :`
 * and belong to one write for ever: writers put unique parts into them. Errors are BrokerErrors as for ItemStore; a put
 * that failed, whatever its outcome, may be repeated with the same bytes.
 */
export interface ObjectStore {
  /** The store has copied or written the bytes when it resolves; the caller leaves them alone until then. */
  put(key: string, contents: ObjectContents): Promise<void>;
  /** The object's bytes or a range of them (cut at the object's end), or undefined if there is no such object. */
  get(key: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  /** Keys that begin with `prefix` and come after `after`, in the order of their UTF-8 bytes. For maintenance only. */
  list(prefix: string, after: string | undefined, limit: number): Promise<readonly ObjectEntry[]>;
  /** Removes objects; keys without one are passed over. */
  delete(keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
