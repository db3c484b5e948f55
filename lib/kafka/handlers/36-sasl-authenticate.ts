// SaslAuthenticate: one token of the mechanism's exchange. Who fails is answered late and then left.
import { toBrokerError } from '../../base/errors.ts';
import { SASL_AUTHENTICATE } from '../protocol/apis/36-sasl-authenticate.ts';
import { codeOf, errorOf, handler } from './handler.ts';

const NO_TOKEN = new Uint8Array(0);

/** SaslAuthenticate. */
export const saslAuthenticate = handler<typeof SASL_AUTHENTICATE>({
  schema: SASL_AUTHENTICATE,
  handle: async ({ authenticator, clock, signal, endAfterAnswer }, { authBytes }) => {
    if (!authenticator) {
      const message = 'nobody need authenticate here';
      return { errorCode: codeOf('ILLEGAL_SASL_STATE'), errorMessage: message, authBytes: NO_TOKEN };
    }
    try {
      const { token, sessionLifetimeMs } = await authenticator.step(authBytes);
      return { errorCode: 0, errorMessage: null, authBytes: token, sessionLifetimeMs };
    } catch (error) {
      endAfterAnswer(toBrokerError(error));
      // As with Kafka the answer waits, so that nobody can try passwords as fast as they can connect.
      await clock.sleep(authenticator.failurePauseMs, signal);
      return { ...errorOf(error), authBytes: NO_TOKEN };
    }
  },
});
