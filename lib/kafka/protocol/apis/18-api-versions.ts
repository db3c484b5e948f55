// ApiVersions, key 18, versions 0 to 4, flexible from 3 on:
// the APIs and versions that the broker understands, and its features.
//
// ApiVersions Request => client_software_name(3+) client_software_version(3+)
//   client_software_name => STRING
//   client_software_version => STRING
// ApiVersions Response => error_code [api_keys] throttle_time_ms(1+) <[supported_features]>(3+)
//     <finalized_features_epoch>(3+) <[finalized_features]>(3+) <zk_migration_ready>(3+)
//   error_code => INT16
//   api_keys => api_key min_version max_version
//     api_key => INT16
//     min_version => INT16
//     max_version => INT16
//   throttle_time_ms => INT32
//   supported_features => name min_version max_version
//     name => STRING
//     min_version => INT16
//     max_version => INT16
//   finalized_features_epoch => INT64
//   finalized_features => name max_version_level min_version_level
//     name => STRING
//     max_version_level => INT16
//     min_version_level => INT16
//   zk_migration_ready => BOOLEAN
import { api, array, bool, field, int16, int32, int64, string, struct } from '../schema.ts';

/** The schema of ApiVersions: the APIs and versions that the broker understands, and its features. */
export const API_VERSIONS = api({
  apiKey: 18,
  name: 'ApiVersions',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 3,
  request: struct({
    clientSoftwareName: field(string, { versions: '3+' }),
    clientSoftwareVersion: field(string, { versions: '3+' }),
  }),
  response: struct({
    errorCode: int16,
    apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
    throttleTimeMs: field(int32, { versions: '1+', defaultValue: 0 }),
    supportedFeatures: field(array(struct({ name: string, minVersion: int16, maxVersion: int16 })), {
      versions: '3+',
      tag: 0,
    }),
    finalizedFeaturesEpoch: field(int64, { versions: '3+', tag: 1, defaultValue: -1 }),
    finalizedFeatures: field(
      array(struct({ name: string, maxVersionLevel: int16, minVersionLevel: int16 })),
      { versions: '3+', tag: 2 },
    ),
    zkMigrationReady: field(bool, { versions: '3+', tag: 3, defaultValue: false }),
  }),
});
