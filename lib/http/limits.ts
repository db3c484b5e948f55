// What a request, an answer and a wait may measure. They are Lambda's and API Gateway's limits, and hold in every gateway,
// so that what works on a laptop works on AWS.
import { assert } from '../base/assert.ts';

/** A synchronous Lambda invocation carries 6 MB of JSON each way (AWS Lambda quotas, "Invocation payload"). */
const LAMBDA_PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

/** What an HTTP API adds to the body of an event: 10,240 bytes of headers, some of them twice, and the request context. */
const LAMBDA_EVENT_OVERHEAD_BYTES_MAX = 64 * 1024;

/** An HTTP API refuses larger bodies before Lambda sees them (API Gateway quotas, "Payload size"). */
const HTTP_API_PAYLOAD_BYTES_MAX = 10 * 1024 * 1024;

/**
 * An HTTP API gives up on its integration after at most 30 s (API Gateway quotas); CDK sets no more than 29 s, and infra/
 * ends the functions behind it at the same time.
 */
export const HTTP_API_TIMEOUT_MS = 29_000;

/** The largest request body. API Gateway hands bodies over in base64, which takes 4 bytes for 3. */
export const REQUEST_BODY_BYTES_MAX = 4_500_000;

/** A body that is too large is read to its end, if that comes by here, so that its sender gets to read why. */
export const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;

/** The largest answer: it fits Lambda's 6 MB even where the adapter encodes it in base64. */
export const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** The longest long poll; the rest of API Gateway's time is for the cold start and the storage. */
export const WAIT_MS_MAX = 25_000;

/** What a cold start and the storage may take around a wait. */
const ANSWER_MS_MAX: number = 4_000;

/** How long a read waits for records unless it says otherwise: Kafka REST's consumer.request.timeout.ms. */
export const WAIT_MS_DEFAULT = 1_000;

/** How deep JSON may be nested: well within what the engine parses and prints by recursion. */
export const JSON_DEPTH_MAX = 256;

/** Records in flight for acks=0 in one process; past it, 429. Two full bodies for each of eight connections. */
export const PRODUCE_LATER_BYTES_MAX = 64 * 1024 * 1024;

/** How long an event stream is silent before it sends a comment: proxies drop connections that are silent for 30 to 60 s. */
export const STREAM_HEARTBEAT_MS = 15_000;

/** How long a stream waits before it reads again after a passing error of the storage. */
export const STREAM_RETRY_MS = 1_000;

/** Fetched bytes that a stream holds for a slow reader, over all partitions of the topic. */
export const STREAM_BUFFER_BYTES_MAX = 4 * 1024 * 1024;

/** What one fetch of a stream brings at most, where few partitions share the buffer. */
export const STREAM_FETCH_BYTES_MAX = 256 * 1024;

/** Text that a stream makes before it hands it on: enough for one write to a socket. */
export const STREAM_PIECE_CHARACTERS = 64 * 1024;

/** Partitions that one stream follows. Its event ids name each of them, and must come back in 10,240 bytes of headers. */
export const STREAM_PARTITIONS_MAX = 256;

assert(
  (REQUEST_BODY_BYTES_MAX * 4) / 3 + LAMBDA_EVENT_OVERHEAD_BYTES_MAX <= LAMBDA_PAYLOAD_BYTES_MAX,
  'the largest request fits a Lambda event',
);
assert((ANSWER_BYTES_MAX * 4) / 3 <= LAMBDA_PAYLOAD_BYTES_MAX, 'the largest answer fits a Lambda answer');
assert(REQUEST_BODY_BYTES_MAX <= HTTP_API_PAYLOAD_BYTES_MAX, 'the largest request passes an HTTP API');
assert(WAIT_MS_MAX + ANSWER_MS_MAX <= HTTP_API_TIMEOUT_MS, 'a long poll ends before API Gateway gives up');
