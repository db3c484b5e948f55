// Signing with SigV4, checked by a second reading of AWS's description of it.
import { createHash, createHmac } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { awsEndpointOf, createAwsSigner } from '../../lib/client/http/signing.ts';
import type { SignRequest } from '../../lib/client/http/http-call.ts';

type OutgoingRequest = Parameters<SignRequest>[0];

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  ['https://abc.execute-api.eu-west-1.amazonaws.com/', { service: 'execute-api', region: 'eu-west-1' }],
  ['https://abc.execute-api.cn-north-1.amazonaws.com.cn/', { service: 'execute-api', region: 'cn-north-1' }],
  ['https://abc.lambda-url.us-east-1.on.aws/', { service: 'lambda', region: 'us-east-1' }],
  ['http://127.0.0.1:8082', undefined],
  ['https://log.example.com', undefined],
  ['https://execute-api.amazonaws.com.example.com', undefined],
  ['https://abc.execute-api.eu-west-1.amazonaws.com.example.com', undefined],
])('knows the endpoint of %s', (url, endpoint) => {
  expect(awsEndpointOf(new URL(url))).toEqual(endpoint);
});

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The signature by docs.aws.amazon.com, "Create a signed AWS API request". */
function signatureOf(
  request: OutgoingRequest,
  headers: Readonly<Record<string, string>>,
  secret: string,
): string {
  const [, scope = '', names = ''] =
    /Credential=[^/]+\/(\S+), SignedHeaders=(\S+),/.exec(headers['authorization'] ?? '') ?? [];
  const all: Record<string, string> = { ...headers, host: request.url.host };
  const query = [...request.url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort();
  const canonical = [
    request.method,
    request.url.pathname.split('/').map(encodeURIComponent).join('/'),
    query.join('&'),
    ...names.split(';').map((name) => `${name}:${all[name] ?? ''}`),
    '',
    names,
    hash(request.body ?? ''),
  ];
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(canonical.join('\n'))].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((each, part) => hmac(each, part), `AWS4${secret}`);
  return hmac(key, toSign).toString('hex');
}

it.each([
  ['GET', 'topics/a.b/partitions/0/records?offset=7&max_bytes=10', undefined],
  ['POST', 'topics/a%20b', '{"records":[{"value":"ä"}]}'],
])('signs %s %s', async (method, path, body) => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5), sleep: () => Promise.resolve() };
  const sign = await createAwsSigner({ service: 'execute-api', region: 'eu-west-1' }, clock);
  const url = new URL(`https://abc.execute-api.eu-west-1.amazonaws.com/${path}`);
  const request: OutgoingRequest = { method, url, headers: { accept: 'application/json' }, body };
  const signed = await sign(request);
  expect(signed).toMatchObject({
    accept: 'application/json',
    'x-amz-date': '20260102T030405Z',
    'x-amz-security-token': 'token',
  });
  expect(signed['authorization']).toContain(
    'Credential=AKIDEXAMPLE/20260102/eu-west-1/execute-api/aws4_request',
  );
  expect(signed['authorization']).toContain(`Signature=${signatureOf(request, signed, 'secret')}`);
});
