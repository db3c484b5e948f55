// SaslHandshake: which mechanism the client will use, or which ones there are.
import { BrokerError } from '../../base/errors.ts';
import { SASL_HANDSHAKE } from '../protocol/apis/17-sasl-handshake.ts';
import { handler, errorOf } from './handler.ts';

/** SaslHandshake. */
export const saslHandshake = handler<typeof SASL_HANDSHAKE>({
  schema: SASL_HANDSHAKE,
  handle: ({ authenticator, apiVersion }, { mechanism }) => {
    const mechanisms = authenticator?.mechanisms ?? [];
    try {
      if (!authenticator) throw new BrokerError('ILLEGAL_SASL_STATE', 'nobody need authenticate here');
      authenticator.begin(mechanism, apiVersion);
      return Promise.resolve({ errorCode: 0, mechanisms });
    } catch (error) {
      return Promise.resolve({ errorCode: errorOf(error).errorCode, mechanisms });
    }
  },
});
