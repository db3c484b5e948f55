// SaslAuthenticate, key 36, versions 0 to 2, flexible from 2 on: one step of the mechanism that SaslHandshake named.
//
// SaslAuthenticate Request => auth_bytes
//   auth_bytes => BYTES
// SaslAuthenticate Response => error_code error_message auth_bytes session_lifetime_ms(1+)
//   error_code => INT16
//   error_message => NULLABLE_STRING
//   auth_bytes => BYTES
//   session_lifetime_ms => INT64
import { api, bytes, field, int16, int64, string, struct } from '../schema.ts';

/** The schema of SaslAuthenticate: one step of the mechanism that SaslHandshake named. */
export const SASL_AUTHENTICATE = api({
  apiKey: 36,
  name: 'SaslAuthenticate',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: struct({ authBytes: bytes }),
  response: struct({
    errorCode: int16,
    errorMessage: field(string, { nullable: '0+' }),
    authBytes: bytes,
    sessionLifetimeMs: field(int64, { versions: '1+', defaultValue: 0 }),
  }),
});
