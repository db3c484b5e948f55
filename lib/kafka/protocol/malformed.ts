// The one way in which bytes of the wire are refused.
import { BrokerError } from '../../base/errors.ts';

/** An INVALID_REQUEST error: the bytes are no frame of Kafka's protocol. `message` says what stands where. */
export const malformed = (message: string): BrokerError => new BrokerError('INVALID_REQUEST', message);
