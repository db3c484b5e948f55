// The settings of the listener for Kafka clients, beside its port: TLS, users, and what clients are told to connect to.
import { usageError } from './exit.ts';
import { parseHost, parseHostAndPort, parseOneOf, type FindSetting } from './settings.ts';

/** When clients may send their password itself. */
const PLAIN_CHOICES = ['with-tls', 'always', 'never'] as const;

/** Files of PEM, by path. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Of the authority that client certificates must be from; undefined: clients need none. */
  readonly clientCa: string | undefined;
}

export interface KafkaOptions {
  readonly host: string;
  /** What clients are told to connect to; undefined: where the server listens. */
  readonly advertised: { readonly host: string; readonly port: number } | undefined;
  /** Undefined: no TLS. */
  readonly tls: TlsFiles | undefined;
  /** The file that `wadi users` writes; undefined: nobody need log in. */
  readonly usersFile: string | undefined;
  readonly plain: (typeof PLAIN_CHOICES)[number];
}

/** Flags as they were given. */
export interface KafkaFlags {
  readonly kafkaHost?: string;
  readonly kafkaAdvertised?: string;
  readonly kafkaTlsCert?: string;
  readonly kafkaTlsKey?: string;
  readonly kafkaTlsClientCa?: string;
  readonly kafkaUsers?: string;
  readonly kafkaPlain?: string;
}

/**
 * WADI_KAFKA_HOST (where HTTP listens), WADI_KAFKA_ADVERTISED, WADI_KAFKA_TLS_CERT and WADI_KAFKA_TLS_KEY (both or none),
 * WADI_KAFKA_TLS_CLIENT_CA, WADI_KAFKA_USERS, WADI_KAFKA_PLAIN (with-tls). Throws a usage error that names the setting.
 */
export function readKafkaOptions(find: FindSetting, httpHost: string): KafkaOptions {
  const tls = readTls(find);
  const usersFile = fileOf(find('kafkaUsers', 'WADI_KAFKA_USERS', ''));
  const plain = find('kafkaPlain', 'WADI_KAFKA_PLAIN', 'with-tls');
  const advertised = find('kafkaAdvertised', 'WADI_KAFKA_ADVERTISED', '');
  return {
    host: parseHost(find('kafkaHost', 'WADI_KAFKA_HOST', httpHost)),
    advertised: advertised.value === '' ? undefined : parseHostAndPort(advertised),
    ...{ tls, usersFile },
    plain: parseOneOf(plain, PLAIN_CHOICES),
  };
}

function readTls(find: FindSetting): TlsFiles | undefined {
  const certificate = find('kafkaTlsCert', 'WADI_KAFKA_TLS_CERT', '');
  const key = find('kafkaTlsKey', 'WADI_KAFKA_TLS_KEY', '');
  const clientCa = find('kafkaTlsClientCa', 'WADI_KAFKA_TLS_CLIENT_CA', '');
  if (certificate.value !== '' && key.value !== '')
    return { certificate: certificate.value, key: key.value, clientCa: fileOf(clientCa) };
  for (const [given, missing] of [
    [certificate, key],
    [key, certificate],
    [clientCa, certificate.value === '' ? certificate : key],
  ] as const) {
    if (given.value !== '') throw usageError(`${given.name} is set, so that ${missing.name} must be set too`);
  }
  return undefined;
}

const fileOf = ({ value }: { readonly value: string }): string | undefined =>
  value === '' ? undefined : value;
