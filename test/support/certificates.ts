// X.509 certificates for tests, made here: of any authority and any dates, which no tool has to be installed for.
//
// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }, in DER (RFC 5280, 4.1).
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A key and its certificate, both in PEM. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
  readonly commonName: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  readonly commonName?: string;
  /** Who signs; default: itself, as an authority. */
  readonly issuer?: Certified;
  /** Default: a day ago. */
  readonly validFrom?: Date;
  /** Default: in a year. */
  readonly validTo?: Date;
}

const DAY_MS = 86_400_000;

/** Makes one for localhost and 127.0.0.1. */
export function makeCertificate(options: CertificateOptions = {}): Certified {
  const { commonName = 'localhost', issuer } = options;
  const { validFrom = new Date(Date.now() - DAY_MS), validTo = new Date(Date.now() + 365 * DAY_MS) } =
    options;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer?.commonName ?? commonName),
    sequence(time(validFrom), time(validTo)),
    nameOf(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(isAuthority(issuer === undefined), alternativeNames())),
  );
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey);
  const certificate = sequence(
    body,
    ECDSA_WITH_SHA256,
    tagged(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
  return {
    certificate: pem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    ...{ commonName, privateKey },
  };
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts);
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const identifier = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));
const octets = (content: Buffer): Buffer => tagged(0x04, content);

const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'));

const nameOf = (commonName: string): Buffer =>
  sequence(tagged(0x31, sequence(identifier('550403'), tagged(0x0c, Buffer.from(commonName)))));

/** GeneralizedTime: YYYYMMDDHHMMSSZ. */
const time = (date: Date): Buffer =>
  tagged(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));

const isAuthority = (is: boolean): Buffer =>
  sequence(identifier('551d13'), octets(sequence(...(is ? [tagged(0x01, Buffer.from([0xff]))] : []))));

const alternativeNames = (): Buffer =>
  sequence(
    identifier('551d11'),
    octets(sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1])))),
  );

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
