// Wakes another function asynchronously: Lambda queues the event, and the caller goes on.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { awsErrorShape, classifyAwsFailure, toAwsBrokerError } from '../lib/storage/aws-failure.ts';

/** An asynchronous invocation carries 1 MB of JSON (AWS Lambda quotas, "Invocation payload"). */
export const EVENT_BYTES_MAX = 1024 * 1024;

/** Hands `event`, a JSON value, to a function. Resolves when Lambda has queued it. */
export type InvokeLater = (functionName: string, event: unknown) => Promise<void>;

/** Lambda queues within milliseconds; the caller is itself a function whose time is short. */
const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
} as const;

/**
 * Makes the call. It throws THROTTLING_QUOTA_EXCEEDED (not-applied), and KAFKA_STORAGE_ERROR or REQUEST_TIMED_OUT, with
 * outcome unknown where the event may have been queued. Lambda may deliver an event more than once.
 */
export function createInvokeLater(client = new LambdaClient(CLIENT_OPTIONS)): InvokeLater {
  return async (functionName, event) => {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(event)),
    });
    try {
      await client.send(command);
    } catch (error) {
      const failure = classifyAwsFailure(awsErrorShape(error));
      throw toAwsBrokerError(failure, error, { what: `Invoke ${functionName}`, isWrite: true });
    }
  };
}
