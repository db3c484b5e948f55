// ApiVersions: which APIs and versions are served, and the features that clients switch on by it.
import { API_VERSIONS } from '../protocol/apis/18-api-versions.ts';
import { handler, type HandlerDeps } from './handler.ts';
import type { ResponseOf } from '../protocol/schema.ts';

/** KIP-848 is there; its finalized version is how tools find out. */
const FEATURES = [{ name: 'group.version', minVersion: 0, maxVersion: 1 }];

/** The answer, also to those who asked in a version that is not served. */
export const apiVersionsAnswer = (
  { served }: Pick<HandlerDeps, 'served'>,
  errorCode = 0,
): ResponseOf<typeof API_VERSIONS> => ({
  errorCode,
  apiKeys: [...served]
    .toSorted(([a], [b]) => a - b)
    .map(([apiKey, { minVersion, maxVersion, advertisedMin }]) => ({
      ...{ apiKey, maxVersion, minVersion: advertisedMin ?? minVersion },
    })),
  supportedFeatures: FEATURES,
  finalizedFeaturesEpoch: 0,
  finalizedFeatures: FEATURES.map(({ name, maxVersion }) => ({
    ...{ name, maxVersionLevel: maxVersion, minVersionLevel: maxVersion },
  })),
});

/** ApiVersions. */
export const apiVersions = handler<typeof API_VERSIONS>({
  schema: API_VERSIONS,
  handle: (context) => Promise.resolve(apiVersionsAnswer(context)),
});
