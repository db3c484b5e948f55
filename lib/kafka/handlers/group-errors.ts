// Errors of groups as their clients know them: what passes is said in the codes that make them ask again, instead of those
// that end them.
import { ERROR_CODES, toBrokerError } from '../../base/errors.ts';

/** Kafka's COORDINATOR_NOT_AVAILABLE and NOT_COORDINATOR: the client looks for the coordinator and asks again. */
const COORDINATOR_NOT_AVAILABLE = 15;
const NOT_COORDINATOR = 16;

/**
 * The number on the wire of whatever was thrown. Kafka's coordinator translates the same way: its clients take a time that
 * is over or a store that fails, said as such, for the end. A wait that the gateway's stop ends is one of them. `loadingCode`:
 * of a coordinator that cannot answer yet, where the API's clients take Kafka's own code for the end.
 */
export function groupErrorOf(
  thrown: unknown,
  { loadingCode = ERROR_CODES.COORDINATOR_LOAD_IN_PROGRESS.wire }: { readonly loadingCode?: number } = {},
): { readonly errorCode: number; readonly errorMessage: string } {
  const { code, message } = toBrokerError(thrown);
  if (code === 'COORDINATOR_LOAD_IN_PROGRESS') return { errorCode: loadingCode, errorMessage: message };
  if (code === 'REQUEST_TIMED_OUT' || code === 'THROTTLING_QUOTA_EXCEEDED')
    return { errorCode: COORDINATOR_NOT_AVAILABLE, errorMessage: message };
  if (code === 'KAFKA_STORAGE_ERROR') return { errorCode: NOT_COORDINATOR, errorMessage: message };
  return { errorCode: ERROR_CODES[code].wire, errorMessage: message };
}
