// What DynamoDB's errors mean for the table port. Failed conditions are answers, not errors: they are taken out before.
import { BrokerError } from '../../base/errors.ts';
import {
  awsErrorShape,
  classifyAwsFailure,
  toAwsBrokerError,
  type AwsErrorShape,
  type AwsFailure,
  type AwsRequest,
} from '../aws-failure.ts';

/** Another write of the item is in flight; this one was not applied and may be tried again. */
const CONFLICTS = new Set(['TransactionConflictException', 'ReplicatedWriteConflictException']);

/** An earlier attempt under the same request id has not ended yet: nobody knows how it will. */
const IN_PROGRESS = 'TransactionInProgressException';

const TOO_LARGE = /item size.*exceeded|transaction.*size.*exceed|collection size.*exceed/i;

/** The BrokerError of what a DynamoDB client threw. `tableNames` are those of the request, as the account knows them. */
export function toDynamoDbError(
  error: unknown,
  request: AwsRequest,
  tableNames: readonly string[],
): BrokerError {
  if (error instanceof BrokerError) return error;
  const shape = awsErrorShape(error);
  if (shape.name === 'ResourceNotFoundException') {
    const message = `${request.what} failed: no table ${tableNames.join(' or ')} in this account and region`;
    return new BrokerError('KAFKA_STORAGE_ERROR', message, { retriable: false, cause: error });
  }
  if (isTooLarge(shape)) {
    const message = `${request.what} failed: ${shape.message}`;
    return new BrokerError('MESSAGE_TOO_LARGE', message, { cause: error });
  }
  return toAwsBrokerError(classify(shape), error, request);
}

const isTooLarge = ({ name, message }: AwsErrorShape): boolean =>
  name === 'ItemCollectionSizeLimitExceededException' ||
  (name === 'ValidationException' && TOO_LARGE.test(message));

function classify(shape: AwsErrorShape): AwsFailure {
  if (CONFLICTS.has(shape.name)) return 'throttled';
  return shape.name === IN_PROGRESS ? 'lost' : classifyAwsFailure(shape);
}

/** One entry of a TransactionCanceledException's list, in the order of the transaction's writes. */
export interface CancellationReasonShape {
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

/** Reasons that another moment may not have: the whole transaction may be tried again. */
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/**
 * The error of a cancelled transaction, or undefined if failed conditions were the only reasons. A conflict or a throttle
 * beside failed conditions is an error all the same: the list of failed conditions may then have gaps.
 */
export function cancellationError(
  reasons: readonly CancellationReasonShape[],
  request: AwsRequest,
  cause: unknown,
): BrokerError | undefined {
  const { attempts } = awsErrorShape(cause);
  const isOther = ({ Code }: CancellationReasonShape) =>
    Code !== undefined && Code !== 'None' && Code !== 'ConditionalCheckFailed';
  const others = reasons.filter(isOther);
  const [first] = others;
  if (reasons.length > 0 && first === undefined) return undefined;
  const failure = others.length > 0 && others.every(({ Code = '' }) => PASSING.has(Code));
  const index = first ? reasons.indexOf(first) : -1;
  const message = first
    ? `write ${index}: ${first.Code}: ${first.Message ?? ''}`
    : 'cancelled for no given reason';
  const isLarge = first?.Code === 'ItemCollectionSizeLimitExceeded' || TOO_LARGE.test(first?.Message ?? '');
  if (isLarge) return new BrokerError('MESSAGE_TOO_LARGE', `${request.what} failed: ${message}`, { cause });
  const shape = { name: 'TransactionCanceledException', message, $metadata: { attempts } };
  return toAwsBrokerError(failure ? 'throttled' : 'rejected', shape, request);
}
