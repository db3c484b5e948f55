// How a DynamoDB client is to be made for the store; region, endpoint and credentials are the wiring's to add.
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * One attempt a call. Repetition is left to the retrying decorator, which sees how each attempt ended and so can still
 * tell a write that was refused from one whose answer was lost; the SDK only tells of the last. Repeating a write is safe
 * either way: conditional writes that were applied fail their own condition the second time and get the item that shows
 * it, puts under unique keys write the same bytes, and transactions carry a request id.
 *
 * DynamoDB answers within milliseconds: 5 s is no answer. The request timeout throws, which is not the SDK's default.
 * Sockets are kept alive, as a TLS handshake costs more than the request; 64 of them carry what one process can do.
 */
export const DYNAMODB_CLIENT_OPTIONS = {
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 5_000,
    throwOnRequestTimeout: true,
    httpAgent: { keepAlive: true, maxSockets: 64 },
    httpsAgent: { keepAlive: true, maxSockets: 64 },
  },
} as const satisfies DynamoDBClientConfig;
