// SaslHandshake, key 17, versions 0 to 1, never flexible: the mechanism by which the client means to authenticate.
//
// SaslHandshake Request => mechanism
//   mechanism => STRING
// SaslHandshake Response => error_code [mechanisms]
//   error_code => INT16
//   mechanisms => STRING
import { api, array, int16, string, struct } from '../schema.ts';

/** The schema of SaslHandshake: the mechanism by which the client means to authenticate. */
export const SASL_HANDSHAKE = api({
  apiKey: 17,
  name: 'SaslHandshake',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: null,
  request: struct({ mechanism: string }),
  response: struct({ errorCode: int16, mechanisms: array(string) }),
});
