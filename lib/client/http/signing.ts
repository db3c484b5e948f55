// Signs requests with the caller's AWS credentials (SigV4), where the endpoint is AWS's. Loads the SDK only then.
import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { SignRequest } from './http-call.ts';

interface AwsEndpoint {
  readonly service: 'execute-api' | 'lambda';
  readonly region: string;
}

/**
 * The service and region of API Gateway's and function URLs' hosts (`<id>.execute-api.<region>.amazonaws.com`,
 * `<id>.lambda-url.<region>.on.aws`); undefined for every other host.
 */
export function awsEndpointOf(url: URL): AwsEndpoint | undefined {
  const [, kind, region, ...rest] = url.hostname.split('.');
  if (region === undefined) return undefined;
  const domain = rest.join('.');
  if (kind === 'execute-api' && /^amazonaws\.com(\.cn)?$/.test(domain))
    return { service: 'execute-api', region };
  return kind === 'lambda-url' && domain === 'on.aws' ? { service: 'lambda', region } : undefined;
}

type Digest = { update(data: Uint8Array): unknown; digest(): Uint8Array };

/** Node's SHA-256 in the shape that the signer takes. */
class Sha256 {
  readonly #start: () => Digest;
  #hash: Digest;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#start = () => (secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret)));
    this.#hash = this.#start();
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    this.#hash = this.#start();
  }
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}

/** A signer with the credentials of the default chain (environment, profile, SSO, role); they are renewed when they end. */
export async function createAwsSigner(endpoint: AwsEndpoint, clock: Clock): Promise<SignRequest> {
  const [{ SignatureV4 }, { defaultProvider }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-sdk/credential-provider-node'),
  ]);
  const signer = new SignatureV4({ ...endpoint, credentials: defaultProvider(), sha256: Sha256 });
  return async ({ method, url, headers, body }) => {
    const signed = await signer.sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { ...headers, host: url.host },
        body,
      },
      { signingDate: new Date(clock.now()) },
    );
    return Object.fromEntries(Object.entries(signed.headers).filter(([name]) => name !== 'host'));
  };
}

/** Signs requests to `url` where it is AWS's; undefined where it is not. The signer is made with the first request. */
export function awsSignerFor(url: URL, clock: Clock): SignRequest | undefined {
  const endpoint = awsEndpointOf(url);
  if (endpoint === undefined) return undefined;
  let signer: Promise<SignRequest> | undefined;
  return async (request) => {
    signer ??= createAwsSigner(endpoint, clock).catch((error: unknown) => {
      signer = undefined;
      throw error;
    });
    return (await signer)(request);
  };
}
