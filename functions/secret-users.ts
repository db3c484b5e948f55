// The users of the Kafka gateway, from Secrets Manager: read at start, and anew every minute, so that who is added may come in
// and who is removed may not, without a deployment.
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { credentialsOf, currentCredentials, parseUsers } from '../lib/kafka/auth/stored-users.ts';
import { signRequest } from './sign-request.ts';
import type { Clock } from '../lib/base/clock.ts';
import type { Credentials } from '../lib/kafka/auth/credentials.ts';

/** Reads the text of a secret. Rejects with an Error that names it. */
export type ReadSecret = () => Promise<string>;

/** Tasks ask so often: 44,000 requests a month each, for $0.22. */
export const READ_EVERY_MS = 60_000;
/** Secrets Manager answers within a second; a start must not hang. */
const REQUEST_MS_MAX = 10_000;

export interface FollowOptions {
  readonly clock: Clock;
  /** Ends the following. */
  readonly signal: AbortSignal;
  readonly onRead: (users: number) => void;
  /** The users from before stay. */
  readonly onError: (error: unknown) => void;
}

/** Resolves with users once they are read; rejects where they cannot be, or are none that `wadi users` has made. */
export async function followUsers(read: ReadSecret, options: FollowOptions): Promise<Credentials> {
  const { clock, signal, onRead, onError } = options;
  let text = await read();
  const users = parseUsers(text);
  const credentials = currentCredentials(credentialsOf(users));
  onRead(users.size);
  void (async () => {
    for (;;) {
      await clock.sleep(READ_EVERY_MS, signal);
      if (signal.aborted) return;
      try {
        const next = await read();
        if (next === text) continue;
        const changed = parseUsers(next);
        credentials.replace(credentialsOf(changed));
        text = next;
        onRead(changed.size);
      } catch (error) {
        onError(error);
      }
    }
  })();
  return credentials;
}

/** Reads a secret of this account by its ARN, as the task's role (GetSecretValue, AWSCURRENT). */
export function secretReader(arn: string, clock: Clock): ReadSecret {
  const [, , , region = ''] = arn.split(':');
  const url = new URL(
    process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ??
      process.env['AWS_ENDPOINT_URL'] ??
      `https://secretsmanager.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`,
  );
  const credentials = defaultProvider();
  const body = JSON.stringify({ SecretId: arn });
  const headers = {
    ...{ 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
  };
  return async () => {
    const scope = { service: 'secretsmanager', region, nowMs: clock.now() };
    return send(
      arn,
      url,
      signRequest({ method: 'POST', url, headers, body }, await credentials(), scope),
      body,
    );
  };
}

async function send(
  arn: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<string> {
  const answer = await fetch(url, {
    ...{ method: 'POST', headers, body },
    signal: AbortSignal.timeout(REQUEST_MS_MAX),
  });
  const text = await answer.text();
  // What is answered may be the secret: only errors are repeated.
  if (!answer.ok) throw new Error(`the secret ${arn} cannot be read: ${answer.status} ${text.slice(0, 200)}`);
  const { SecretString } = JSON.parse(text) as { readonly SecretString?: unknown };
  if (typeof SecretString !== 'string') throw new Error(`the secret ${arn} holds no text`);
  return SecretString;
}
