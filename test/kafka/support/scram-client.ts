// The client's side of SCRAM, for tests: written from RFC 5802, and without the code under test.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

export interface ScramClientOptions {
  readonly hash: 'sha256' | 'sha512';
  readonly username: string;
  readonly password: string;
  readonly nonce?: string;
  readonly gs2Header?: string;
}

/** What a client says to the server's first message, and what the server must say to that. */
export interface ClientProof {
  readonly final: string;
  readonly serverFinal: string;
}

const hmac = (hash: string, key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();

export function scramClient({
  hash,
  username,
  password,
  nonce = 'client-nonce',
  gs2Header = 'n,,',
}: ScramClientOptions) {
  const bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  return {
    first: `${gs2Header}${bare}`,
    /** `change` is made to what the client says before its proof, which then covers it. */
    prove: (serverFirst: string, change = (said: string) => said): ClientProof => {
      const [, serverNonce = '', salt = '', iterations = ''] =
        /^r=(.*),s=(.*),i=(\d+)$/.exec(serverFirst) ?? [];
      const length = hash === 'sha256' ? 32 : 64;
      const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), length, hash);
      const clientKey = hmac(hash, salted, 'Client Key');
      const storedKey = createHash(hash).update(clientKey).digest();
      const withoutProof = change(`c=${Buffer.from(gs2Header).toString('base64')},r=${serverNonce}`);
      const authMessage = `${bare},${serverFirst},${withoutProof}`;
      const signature = hmac(hash, storedKey, authMessage);
      const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0))).toString('base64');
      const verifier = hmac(hash, hmac(hash, salted, 'Server Key'), authMessage).toString('base64');
      return { final: `${withoutProof},p=${proof}`, serverFinal: `v=${verifier}` };
    },
  };
}
