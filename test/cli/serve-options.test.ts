// The embedded server's settings and what they refuse.
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../lib/cli/exit.ts';
import { readServeOptions } from '../../lib/cli/serve-options.ts';

describe('the settings of the server', () => {
  it('have defaults', () => {
    const defaults = {
      ...{ host: '127.0.0.1', port: 8082, kafkaPort: 9092, dataDir: 'wadi-data' },
      ...{ logLevel: 'info', autoCreateTopics: true },
    };
    expect(readServeOptions({})).toEqual(defaults);
    expect(readServeOptions({ WADI_HTTP_PORT: '', WADI_DATA_DIR: '' })).toEqual(defaults);
  });

  it('come from the environment, and from flags before it', () => {
    const env = {
      ...{ WADI_HTTP_PORT: '1', WADI_HTTP_HOST: '::1', WADI_DATA_DIR: '/a' },
      ...{ WADI_LOG_LEVEL: 'error', WADI_AUTO_CREATE_TOPICS: 'false', WADI_KAFKA_PORT: 'off' },
    };
    expect(readServeOptions(env)).toEqual({
      ...{ host: '::1', port: 1, kafkaPort: undefined, dataDir: '/a' },
      ...{ logLevel: 'error', autoCreateTopics: false },
    });
    expect(readServeOptions(env, { port: '0', dataDir: 'b' })).toMatchObject({ port: 0, dataDir: 'b' });
  });

  it.each([
    [{ WADI_HTTP_PORT: 'http' }, 'WADI_HTTP_PORT must be 0 to 65535, got "http"'],
    [{ WADI_HTTP_PORT: '65536' }, 'WADI_HTTP_PORT must be 0 to 65535, got "65536"'],
    [{ WADI_KAFKA_PORT: 'on' }, 'WADI_KAFKA_PORT must be 0 to 65535, got "on"'],
    [{ WADI_HTTP_PORT: '-1' }, 'WADI_HTTP_PORT must be'],
    [{ WADI_HTTP_PORT: '80.5' }, 'WADI_HTTP_PORT must be'],
    [{ WADI_HTTP_HOST: 'http://a' }, 'WADI_HTTP_HOST must be an address or a host name'],
    [{ WADI_LOG_LEVEL: 'loud' }, 'WADI_LOG_LEVEL must be one of'],
    [{ WADI_AUTO_CREATE_TOPICS: 'no' }, 'WADI_AUTO_CREATE_TOPICS must be true or false, got "no"'],
  ])('refuse %o', (env, message) => {
    expect(() => readServeOptions(env)).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
    expect(() => readServeOptions(env)).toThrow(message);
  });

  it('name the flag that is wrong', () => {
    expect(() => readServeOptions({}, { port: 'x' })).toThrow('--port must be');
  });
});
