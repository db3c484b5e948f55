// One request frame: header, body, handler, and the answer's bytes.
import { BrokerError } from '../base/errors.ts';
import { codeOf, type Handler, type RequestContext } from './handlers/handler.ts';
import { apiVersionsAnswer } from './handlers/18-api-versions.ts';
import { HANDLERS, versionsOf } from './handlers.ts';
import { API_VERSIONS } from './protocol/apis/18-api-versions.ts';
import { decodeRequest, encodeResponse } from './protocol/frames.ts';
import { readRequestHeader, type RequestHeader } from './protocol/headers.ts';
import { createReader, type Reader } from './protocol/reader.ts';

/** A request whose header was read. */
export interface OpenRequest {
  readonly header: RequestHeader;
  readonly handler: Handler;
  readonly reader: Reader;
  /** ApiVersions in a version that is not served: it is answered in the oldest one. */
  readonly isTooNew: boolean;
}

/** Throws INVALID_REQUEST, and UNSUPPORTED_VERSION for what is not served: both end the connection, as with Kafka. */
export function openRequest(frame: Uint8Array): OpenRequest {
  const reader = createReader(frame);
  const header = readRequestHeader(reader);
  const handler = HANDLERS.get(header.apiKey);
  if (!handler) throw new BrokerError('UNSUPPORTED_VERSION', `API key ${header.apiKey} is not served`);
  const { minVersion, maxVersion } = versionsOf(handler);
  const isServed = header.apiVersion >= minVersion && header.apiVersion <= maxVersion;
  if (!isServed && header.apiKey !== API_VERSIONS.apiKey) {
    const message = `${handler.schema.name} has versions ${minVersion} to ${maxVersion}, got ${header.apiVersion}`;
    throw new BrokerError('UNSUPPORTED_VERSION', message);
  }
  return { header, handler, reader, isTooNew: !isServed };
}

/** The answer as chunks to be sent in order; undefined: there is none. Throws what ends the connection. */
export async function answerRequest(
  context: RequestContext,
  { header, handler, reader, isTooNew }: OpenRequest,
): Promise<readonly Uint8Array[] | undefined> {
  const { apiVersion, correlationId } = header;
  if (isTooNew) {
    const answer = apiVersionsAnswer(context, codeOf('UNSUPPORTED_VERSION'));
    return encodeResponse(API_VERSIONS, 0, correlationId, answer);
  }
  const request = decodeRequest(handler.schema, apiVersion, reader);
  const answer = await handler.handle(context, request);
  return answer && encodeResponse(handler.schema, apiVersion, correlationId, answer);
}
