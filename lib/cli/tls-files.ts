// The certificate and key of the listener for Kafka clients: read from files, and checked before anybody connects.
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { CliError } from './exit.ts';
import type { TlsFiles } from './kafka-options.ts';

/** What a listener needs, and when its certificate ends. */
export interface LoadedTls {
  readonly options: TlsOptions;
  readonly expiresAtMs: number;
}

/**
 * Reads the files. Throws a CliError that names the variable, the file and what is wrong: it cannot be read, is no PEM,
 * has expired or is not valid yet, or key and certificate do not belong together.
 */
export async function loadTls({ certificate, key, clientCa }: TlsFiles, nowMs: number): Promise<LoadedTls> {
  const cert = await readPem('WADI_KAFKA_TLS_CERT', certificate);
  const keyText = await readPem('WADI_KAFKA_TLS_KEY', key);
  const ca = clientCa === undefined ? undefined : await readPem('WADI_KAFKA_TLS_CLIENT_CA', clientCa);
  const own = parseCertificate('WADI_KAFKA_TLS_CERT', certificate, cert);
  const expiresAtMs = checkDates(own, certificate, nowMs);
  checkKey(own, { certificate, key }, keyText);
  if (ca !== undefined && clientCa !== undefined) parseCertificate('WADI_KAFKA_TLS_CLIENT_CA', clientCa, ca);
  const options: TlsOptions = {
    ...{ cert, key: keyText, minVersion: 'TLSv1.2' },
    ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: true }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw refused('WADI_KAFKA_TLS_CERT', certificate, messageOf(error), error);
  }
  return { options, expiresAtMs };
}

async function readPem(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw refused(variable, path, `cannot be read: ${messageOf(error)}`, error);
  }
}

function parseCertificate(variable: string, path: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw refused(variable, path, 'is no certificate in PEM', error);
  }
}

function checkDates(certificate: X509Certificate, path: string, nowMs: number): number {
  const { validFromDate, validToDate } = certificate;
  if (validToDate.getTime() <= nowMs)
    throw refused('WADI_KAFKA_TLS_CERT', path, `has expired on ${validToDate.toISOString()}`);
  if (validFromDate.getTime() > nowMs)
    throw refused('WADI_KAFKA_TLS_CERT', path, `is not valid before ${validFromDate.toISOString()}`);
  return validToDate.getTime();
}

function checkKey(
  own: X509Certificate,
  { certificate, key }: Pick<TlsFiles, 'certificate' | 'key'>,
  text: string,
): void {
  let privateKey;
  try {
    privateKey = createPrivateKey(text);
  } catch (error) {
    throw refused('WADI_KAFKA_TLS_KEY', key, 'is no private key in PEM, or it has a passphrase', error);
  }
  if (!own.checkPrivateKey(privateKey))
    throw refused('WADI_KAFKA_TLS_KEY', key, `is not the key of the certificate ${certificate}`);
}

const refused = (variable: string, path: string, why: string, cause?: unknown): CliError =>
  new CliError(`${variable}: ${path} ${why}`, { cause });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
