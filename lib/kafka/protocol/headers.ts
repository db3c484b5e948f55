// The headers of requests and responses. Which version a header has follows from the API key and version.
//
// Request Header v1 => request_api_key request_api_version correlation_id client_id
// Request Header v2 => request_api_key request_api_version correlation_id client_id _tagged_fields
//   request_api_key => INT16
//   request_api_version => INT16
//   correlation_id => INT32
//   client_id => NULLABLE_STRING, never COMPACT
// Response Header v0 => correlation_id
// Response Header v1 => correlation_id _tagged_fields
import { API_VERSIONS } from './apis/18-api-versions.ts';
import { apiSchemaOf } from './api-schemas.ts';
import { malformed } from './malformed.ts';
import * as read from './reader.ts';
import type { Reader } from './reader.ts';
import { isFlexible, type ApiSchema } from './schema.ts';
import * as write from './writer.ts';
import type { Writer } from './writer.ts';

export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

const passOver = (): boolean => false;

function readClientId(reader: Reader): string | null {
  const length = read.readShortLength(reader);
  return length < 0 ? null : read.readText(reader, length);
}

/**
 * Reads a request's header and leaves the reader at the body. API key and version are not judged: of an unknown key, and
 * of a version past the last, which is flexible if the last is, only the header can be read. Throws INVALID_REQUEST.
 */
export function readRequestHeader(reader: Reader): RequestHeader {
  const apiKey = read.readInt16(reader);
  const apiVersion = read.readInt16(reader);
  if (apiVersion < 0) throw malformed(`API key ${apiKey} has no version ${apiVersion}`);
  const header = {
    apiKey,
    apiVersion,
    correlationId: read.readInt32(reader),
    clientId: readClientId(reader),
  };
  const schema = apiSchemaOf(apiKey);
  if (schema && isFlexible(schema, apiVersion)) read.readTaggedFields(reader, passOver);
  return header;
}

/** Writes a request's header, as clients do. */
export function writeRequestHeader(schema: ApiSchema, header: RequestHeader, writer: Writer): void {
  write.writeInt16(writer, header.apiKey);
  write.writeInt16(writer, header.apiVersion);
  write.writeInt32(writer, header.correlationId);
  if (header.clientId === null) write.writeShortLength(writer, -1);
  else write.writeText(writer, header.clientId, write.writeShortLength);
  if (isFlexible(schema, header.apiVersion)) write.writeTaggedFields(writer, []);
}

/** ApiVersions is answered before the client knows what the broker understands: its header is always the oldest (KIP-511). */
const hasTags = (schema: ApiSchema, apiVersion: number): boolean =>
  schema.apiKey !== API_VERSIONS.apiKey && isFlexible(schema, apiVersion);

/** Writes the header of the response to a request of `apiVersion`. */
export function writeResponseHeader(
  schema: ApiSchema,
  apiVersion: number,
  correlationId: number,
  writer: Writer,
): void {
  write.writeInt32(writer, correlationId);
  if (hasTags(schema, apiVersion)) write.writeTaggedFields(writer, []);
}

/** Reads a response's header, as clients do, and returns its correlation id. Throws INVALID_REQUEST. */
export function readResponseHeader(schema: ApiSchema, apiVersion: number, reader: Reader): number {
  const correlationId = read.readInt32(reader);
  if (hasTags(schema, apiVersion)) read.readTaggedFields(reader, passOver);
  return correlationId;
}
