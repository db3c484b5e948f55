// Where a function's credentials come from: the environment that Lambda sets, and nowhere else.
import { afterEach, expect, it, vi } from 'vitest';
import { defaultProvider } from '../../functions/function-credentials.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('gives what the environment has when it is asked', async () => {
  const provide = defaultProvider();
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  expect(await provide()).toEqual({
    ...{ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
  });
  vi.stubEnv('AWS_SESSION_TOKEN', '');
  expect(await provide()).toEqual({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' });
});

it('says which variables are missing', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
  await expect(defaultProvider()()).rejects.toMatchObject({
    ...{
      name: 'CredentialsProviderError',
      message: expect.stringContaining('AWS_SECRET_ACCESS_KEY') as string,
    },
  });
});
