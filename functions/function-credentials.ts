// Stands in for @aws-sdk/credential-provider-node in the functions' bundles: Lambda gives a function its role's credentials in
// the environment, so none of the other ways to find some (profiles, SSO, instance metadata) is worth 90 KB of each cold start.

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The SDK's clients call this by its name for their default. Reads what Lambda sets (AWS Lambda, "Defined runtime environment
 * variables"); rejects with a CredentialsProviderError, as the SDK's own does, where it is not there.
 */
export const defaultProvider = (): (() => Promise<Credentials>) => () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  const { AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    const error = new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set');
    return Promise.reject(Object.assign(error, { name: 'CredentialsProviderError' }));
  }
  return Promise.resolve({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
};
