// The errors of consumer instances, with the statuses and codes of Kafka REST's Errors.java.
import { BrokerError, type ErrorCode } from '../../base/errors.ts';
import { HttpError } from '../errors.ts';
import type { InstanceId } from '../../groups/instances.ts';

const nameOf = ({ groupId, name }: InstanceId): string => `${name} of group ${groupId}`;

/** 404 with 40403. */
export const instanceNotFound = (id: InstanceId): HttpError =>
  new HttpError({
    status: 404,
    errorCode: 40403,
    message: `Consumer instance not found: there is no ${nameOf(id)}, or it was not used for its session.timeout.ms`,
    details: { field: 'instance' },
  });

/** 409 with 40902. */
export const instanceExists = (id: InstanceId): HttpError =>
  new HttpError({
    status: 409,
    errorCode: 40902,
    message: `Consumer with specified consumer ID already exists in the specified consumer group: ${nameOf(id)}`,
    details: { field: 'name' },
  });

/** 409 with 40903: the instance, or its group, is in no state for that. */
export const illegalState = (message: string, cause?: unknown): HttpError =>
  new HttpError({ status: 409, errorCode: 40903, message: `Illegal state: ${message}`, cause });

/** 409 with 40904: others changed the instance all the time. */
// Kafka differs: Kafka REST serves the calls for one instance one after the other, within its one process.
export const instanceBusy = (id: InstanceId): HttpError =>
  new HttpError({
    status: 409,
    errorCode: 40904,
    message: `Other calls for consumer ${nameOf(id)} came first each time; let one call end before the next`,
  });

/** 406 with 40601. */
export const formatDiffers = (id: InstanceId, format: string, accepted: string): HttpError =>
  new HttpError({
    status: 406,
    errorCode: 40601,
    message:
      'The requested embedded data format does not match the deserializer for this consumer instance: ' +
      `${nameOf(id)} reads ${format}, accept asks for ${accepted}`,
  });

/** 422 with 42204. */
export const invalidConfig = (field: string, message: string): HttpError =>
  new HttpError({
    status: 422,
    errorCode: 42204,
    message: `Invalid consumer configuration: ${field === '' ? 'the body' : field} ${message}`,
    details: field === '' ? {} : { field },
  });

/** Says that a member is none any more: it has to give up what it owned and join again. */
export const isFenced = (error: unknown): error is BrokerError =>
  error instanceof BrokerError && FENCED.includes(error.code);

const FENCED: readonly ErrorCode[] = ['FENCED_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID'];

/** Says that who commits may not, or not as what it says it is. */
export const isRefusedCommit = (error: unknown): error is BrokerError =>
  error instanceof BrokerError && REFUSED_COMMIT.includes(error.code);

const REFUSED_COMMIT: readonly ErrorCode[] = [
  ...FENCED,
  'STALE_MEMBER_EPOCH',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
  'GROUP_ID_NOT_FOUND',
];
