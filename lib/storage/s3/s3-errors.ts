// What S3's errors mean for the object port. A missing object and a range past the end are answers, not errors.
import { BrokerError } from '../../base/errors.ts';
import {
  awsErrorShape,
  classifyAwsFailure,
  toAwsBrokerError,
  type AwsErrorShape,
  type AwsFailure,
  type AwsRequest,
} from '../aws-failure.ts';

/** Whether there is no object of that key. Without the right to list the bucket, S3 says AccessDenied instead. */
export const isNoSuchKey = (error: unknown): boolean => {
  const { name } = awsErrorShape(error);
  return name === 'NoSuchKey' || name === 'NotFound';
};

/** Whether a range begins at or after the object's end. */
export const isPastEnd = (error: unknown): boolean => {
  const { name, httpStatus } = awsErrorShape(error);
  return name === 'InvalidRange' || httpStatus === 416;
};

/** The body that arrived is not the one that was sent: nothing was stored, and another attempt may arrive whole. */
const DAMAGED = new Set(['BadDigest', 'IncompleteBody', 'XAmzContentSHA256Mismatch']);

/** The BrokerError of what an S3 client threw. */
export function toS3Error(error: unknown, request: AwsRequest, bucket: string): BrokerError {
  if (error instanceof BrokerError) return error;
  const shape = awsErrorShape(error);
  if (shape.name === 'NoSuchBucket') {
    const message = `${request.what} failed: no bucket ${bucket}`;
    return new BrokerError('KAFKA_STORAGE_ERROR', message, { retriable: false, cause: error });
  }
  if (shape.name === 'EntityTooLarge') {
    return new BrokerError('MESSAGE_TOO_LARGE', `${request.what} failed: ${shape.message}`, { cause: error });
  }
  return toAwsBrokerError(classify(shape), error, request);
}

/** A 503 is S3's way to say slow down; the request was not carried out. */
function classify(shape: AwsErrorShape): AwsFailure {
  if (shape.httpStatus === 503 || shape.name === 'OperationAborted') return 'throttled';
  return DAMAGED.has(shape.name) ? 'unreachable' : classifyAwsFailure(shape);
}
