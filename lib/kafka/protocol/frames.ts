// Whole requests and responses: the size that stands before each on a connection, the header, the body.
//
// Frame => size (request header, body | response header, body)
//   size => INT32, the bytes after it
import { assert } from '../../base/assert.ts';
import { BrokerError } from '../../base/errors.ts';
import { decodeStruct } from './decode.ts';
import { encodeStruct } from './encode.ts';
import {
  readResponseHeader,
  writeRequestHeader,
  writeResponseHeader,
  type RequestHeader,
} from './headers.ts';
import type { Reader } from './reader.ts';
import { isFlexible, type ApiSchema, type Decoded, type Encodable, type RequestOf } from './schema.ts';
import { createWriter, finish, writeInt32, writtenBytes, type Writer } from './writer.ts';
import type { Dialect } from './layout.ts';

const SIZE_BYTES = 4;

function dialectOf(schema: ApiSchema, version: number): Dialect {
  const { name, minVersion, maxVersion } = schema;
  if (version >= minVersion && version <= maxVersion) {
    return { version, flexible: isFlexible(schema, version) };
  }
  const message = `${name} has versions ${minVersion} to ${maxVersion}, got ${version}`;
  throw new BrokerError('UNSUPPORTED_VERSION', message);
}

function naming<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    throw error.restated({ message: `${what}: ${error.message}` });
  }
}

/**
 * Reads the body of a request of `version` after its header. Bytes after it are left alone, as Kafka leaves them. Bytes and
 * records are views of the frame. Throws INVALID_REQUEST if it is malformed, UNSUPPORTED_VERSION before it is read.
 */
export function decodeRequest<A extends ApiSchema>(schema: A, version: number, reader: Reader): RequestOf<A> {
  const dialect = dialectOf(schema, version);
  const request: A['request'] = schema.request;
  return naming(`${schema.name} request ${version}`, () => decodeStruct(request, dialect, reader));
}

/** Puts the size before what `write` writes. */
function frame(write: (writer: Writer) => void): readonly Uint8Array[] {
  const writer = createWriter();
  writeInt32(writer, 0);
  const { view } = writer;
  write(writer);
  view.setInt32(0, writtenBytes(writer) - SIZE_BYTES);
  return finish(writer);
}

/**
 * A response ready to be sent: chunks in order, the size first. The records of `body` are among them, not copied. Throws
 * UNSUPPORTED_VERSION, or AssertionError if `body` cannot be said in `version`.
 */
export function encodeResponse<A extends ApiSchema>(
  schema: A,
  version: number,
  correlationId: number,
  body: Encodable<A['response']>,
): readonly Uint8Array[] {
  const dialect = dialectOf(schema, version);
  const response: A['response'] = schema.response;
  return frame((writer) => {
    writeResponseHeader(schema, version, correlationId, writer);
    encodeStruct(response, dialect, body, writer);
  });
}

/** A request ready to be sent, as a client sends it. Throws as encodeResponse does. */
export function encodeRequest<A extends ApiSchema>(
  schema: A,
  header: RequestHeader,
  body: Encodable<A['request']>,
): readonly Uint8Array[] {
  assert(header.apiKey === schema.apiKey, `${schema.name} has key ${schema.apiKey}, got ${header.apiKey}`);
  const dialect = dialectOf(schema, header.apiVersion);
  const request: A['request'] = schema.request;
  return frame((writer) => {
    writeRequestHeader(schema, header, writer);
    encodeStruct(request, dialect, body, writer);
  });
}

export interface Response<S> {
  readonly correlationId: number;
  readonly body: S;
}

/** Reads a response after its size, as a client does. Throws as decodeRequest does. */
export function decodeResponse<A extends ApiSchema>(
  schema: A,
  version: number,
  reader: Reader,
): Response<Decoded<A['response']>> {
  const dialect = dialectOf(schema, version);
  const response: A['response'] = schema.response;
  return naming(`${schema.name} response ${version}`, () => ({
    correlationId: readResponseHeader(schema, version, reader),
    body: decodeStruct(response, dialect, reader),
  }));
}
