// What every request about ACLs is answered: as Kafka does where no authorizer is configured.
import { BrokerError } from '../../base/errors.ts';
import { errorOf } from './handler.ts';

/** SECURITY_DISABLED, as the fields of an answer. */
export const ACLS_DISABLED = errorOf(
  new BrokerError('SECURITY_DISABLED', 'there are no ACLs: who may connect may do everything'),
);
