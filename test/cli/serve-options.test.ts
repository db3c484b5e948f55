// The embedded server's settings and what they refuse.
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../lib/cli/exit.ts';
import { readServeOptions } from '../../lib/cli/serve-options.ts';

describe('the settings of the server', () => {
  it('have defaults', () => {
    const defaults = {
      ...{ host: '127.0.0.1', port: 8082, kafkaPort: 9092, dataDir: 'wadi-data' },
      ...{ logLevel: 'info', autoCreateTopics: true, partitionsDefault: 1 },
      initialRebalanceDelayMs: 3_000,
      kafka: {
        ...{ host: '127.0.0.1', advertised: undefined, tls: undefined },
        ...{ usersFile: undefined, plain: 'with-tls' },
      },
    };
    expect(readServeOptions({})).toEqual(defaults);
    expect(readServeOptions({ WADI_HTTP_PORT: '', WADI_DATA_DIR: '' })).toEqual(defaults);
  });

  it('come from the environment, and from flags before it', () => {
    const env = {
      ...{ WADI_HTTP_PORT: '1', WADI_HTTP_HOST: '::1', WADI_DATA_DIR: '/a' },
      ...{ WADI_LOG_LEVEL: 'error', WADI_AUTO_CREATE_TOPICS: 'false', WADI_KAFKA_PORT: 'off' },
      ...{ WADI_NUM_PARTITIONS: '4', WADI_KAFKA_ADVERTISED: 'kafka.example.com:9094' },
      ...{ WADI_KAFKA_TLS_CERT: '/c', WADI_KAFKA_TLS_KEY: '/k', WADI_KAFKA_TLS_CLIENT_CA: '/a' },
      ...{ WADI_KAFKA_USERS: '/u', WADI_KAFKA_PLAIN: 'never' },
      WADI_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    };
    expect(readServeOptions(env)).toEqual({
      ...{ host: '::1', port: 1, kafkaPort: undefined, dataDir: '/a' },
      ...{ logLevel: 'error', autoCreateTopics: false, partitionsDefault: 4 },
      initialRebalanceDelayMs: 0,
      kafka: {
        ...{ host: '::1', advertised: { host: 'kafka.example.com', port: 9094 } },
        tls: { certificate: '/c', key: '/k', clientCa: '/a' },
        ...{ usersFile: '/u', plain: 'never' },
      },
    });
    expect(readServeOptions({}, { kafkaHost: '0.0.0.0', kafkaAdvertised: '[::1]:9' }).kafka).toMatchObject({
      ...{ host: '0.0.0.0', advertised: { host: '::1', port: 9 } },
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
    [{ WADI_NUM_PARTITIONS: '0' }, 'WADI_NUM_PARTITIONS must be 1 to 1000, got "0"'],
    [{ WADI_NUM_PARTITIONS: '1001' }, 'WADI_NUM_PARTITIONS must be 1 to 1000, got "1001"'],
    [
      { WADI_GROUP_INITIAL_REBALANCE_DELAY_MS: '3s' },
      'WADI_GROUP_INITIAL_REBALANCE_DELAY_MS must be 0 to 300000, got "3s"',
    ],
    [{ WADI_KAFKA_ADVERTISED: 'kafka' }, 'WADI_KAFKA_ADVERTISED must be host:port with a port of 1 to 65535'],
    [{ WADI_KAFKA_ADVERTISED: 'kafka:0' }, 'port of 1 to 65535, got "kafka:0"'],
    [{ WADI_KAFKA_ADVERTISED: '::1:9092' }, 'WADI_KAFKA_ADVERTISED must be host:port'],
    [{ WADI_KAFKA_ADVERTISED: 'a:65536' }, 'WADI_KAFKA_ADVERTISED must be host:port'],
    [{ WADI_KAFKA_HOST: 'a b' }, 'WADI_KAFKA_HOST must be an address or a host name, got "a b"'],
    [{ WADI_KAFKA_TLS_CERT: 'c' }, 'WADI_KAFKA_TLS_CERT is set, so that WADI_KAFKA_TLS_KEY must be set too'],
    [{ WADI_KAFKA_TLS_KEY: 'k' }, 'WADI_KAFKA_TLS_KEY is set, so that WADI_KAFKA_TLS_CERT must be set too'],
    [
      { WADI_KAFKA_TLS_CLIENT_CA: 'a' },
      'WADI_KAFKA_TLS_CLIENT_CA is set, so that WADI_KAFKA_TLS_CERT must be',
    ],
    [{ WADI_KAFKA_PLAIN: 'yes' }, 'WADI_KAFKA_PLAIN must be one of with-tls, always, never, got "yes"'],
  ])('refuse %o', (env, message) => {
    expect(() => readServeOptions(env)).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
    expect(() => readServeOptions(env)).toThrow(message);
  });

  it('name the flag that is wrong', () => {
    expect(() => readServeOptions({}, { port: 'x' })).toThrow('--port must be');
    expect(() => readServeOptions({}, { kafkaTlsCert: 'c' })).toThrow(
      '--kafka-tls-cert is set, so that WADI_KAFKA_TLS_KEY must be set too',
    );
  });
});
