// How an S3 client is to be made for the store; region, endpoint and credentials are the wiring's to add.
import type { S3ClientConfig } from '@aws-sdk/client-s3';

/**
 * One attempt a call: repetition is left to the retrying decorator, which sees how each attempt ended. Repeating is safe,
 * as every key belongs to one write and is put again with the same bytes only.
 *
 * No checksums beyond what S3 requires: a put is signed with the SHA-256 of its body, which S3 verifies, and what is read
 * is record batches, which carry a CRC-32C of their own. A second pass over 64 MiB would only cost time.
 *
 * The request timeout ends with the answer's first byte, so it covers the upload of a segment over a slow line; the
 * socket timeout is about silence and covers the body too.
 */
export const S3_CLIENT_OPTIONS = {
  maxAttempts: 1,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout: 60_000,
    throwOnRequestTimeout: true,
    socketTimeout: 10_000,
    httpAgent: { keepAlive: true, maxSockets: 64 },
    httpsAgent: { keepAlive: true, maxSockets: 64 },
  },
} as const satisfies S3ClientConfig;
