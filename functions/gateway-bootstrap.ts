// The first thing that a task of the gateway runs: fetches the bundle from S3 as the task's role, checks that it is the one
// that was deployed, and runs it. It is passed to `node` as text, so it uses nothing but Node.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { signRequest, type AwsCredentials } from './sign-request.ts';

const [bucket = '', key = '', sha256 = '', region = '', suffix = 'amazonaws.com'] = process.argv.slice(1);
const ATTEMPTS = 5;
const REQUEST_MS_MAX = 20_000;

/** Of the task's role, from where ECS says (Amazon ECS, "Task IAM role"). */
async function readCredentials(): Promise<AwsCredentials> {
  const path = process.env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const url =
    path === undefined ? process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] : `http://169.254.170.2${path}`;
  if (url === undefined)
    throw new Error('ECS has given this task no role: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
  const answer = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS_MAX) });
  if (!answer.ok) throw new Error(`the credentials of the task were answered ${answer.status}`);
  const given = (await answer.json()) as Readonly<Record<string, string | undefined>>;
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '', Token: sessionToken } = given;
  return { accessKeyId, secretAccessKey, sessionToken };
}

async function fetchBundle(): Promise<Buffer> {
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  const url = new URL(
    endpoint === undefined
      ? `https://${bucket}.s3.${region}.${suffix}/${key}`
      : `${endpoint}/${bucket}/${key}`,
  );
  const answer = await fetch(url, {
    headers: signRequest({ method: 'GET', url, headers: {}, body: '' }, await readCredentials(), {
      ...{ service: 's3', region, nowMs: Date.now() },
    }),
    signal: AbortSignal.timeout(REQUEST_MS_MAX),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (!answer.ok)
    throw new Error(`${url.href} was answered ${answer.status}: ${bytes.toString().slice(0, 300)}`);
  return bytes;
}

async function retry<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      console.error(
        JSON.stringify({ level: 'WARN', message: `the bundle is asked for again: ${String(error)}` }),
      );
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
    }
  }
}

function check(bytes: Buffer): Buffer {
  const got = createHash('sha256').update(bytes).digest('hex');
  if (got !== sha256) throw new Error(`${bucket}/${key} has the SHA-256 ${got}, expected ${sha256}`);
  return bytes;
}

const path = `${process.env['TMPDIR'] ?? '/tmp'}/wadi-gateway-${process.pid}.mjs`;
writeFileSync(path, check(await retry(fetchBundle)), { mode: 0o600, flag: 'wx' });
await import(pathToFileURL(path).href);
