// SCRAM (RFC 5802, RFC 7677): client and server prove to each other that they know the password, and send nothing that
// would help a listener.
import { failed, findKeys, type Exchange, type ExchangeDeps, type Step } from './exchange.ts';
import { readClientFinal, readClientFirst, type ClientFirst } from './scram-messages.ts';
import { hmacOf, isSameKey, storedKeyOf, type SaltedKeys } from './salted-keys.ts';
import type { Mechanism } from './mechanisms.ts';

const NONCE_BYTES = 24;

interface Begun {
  readonly first: ClientFirst;
  readonly nonce: string;
  readonly serverFirst: string;
  readonly keys: SaltedKeys;
}

/** The two steps of SCRAM. */
export function scramExchange(deps: ExchangeDeps, mechanism: Mechanism): Exchange {
  let begun: Begun | undefined;
  return {
    step: async (token) => {
      if (begun) return finish(mechanism, begun, token);
      begun = await begin(deps, mechanism, token);
      return { token: Buffer.from(begun.serverFirst) };
    },
  };
}

async function begin(deps: ExchangeDeps, mechanism: Mechanism, token: Uint8Array): Promise<Begun> {
  const first = readClientFirst(token);
  if (!first) throw failed(mechanism, 'the first message is malformed, or asks for channel binding');
  const { username, authorizationId = username } = first;
  // Nobody acts for another.
  if (authorizationId !== username)
    throw failed(mechanism, 'the authorization id must be absent or the name');
  const keys = await findKeys(deps, username, mechanism);
  const nonce = `${first.nonce}${Buffer.from(deps.dice.bytes(NONCE_BYTES)).toString('base64url')}`;
  const salt = Buffer.from(keys.salt).toString('base64');
  return { first, nonce, keys, serverFirst: `r=${nonce},s=${salt},i=${keys.iterations}` };
}

function finish(mechanism: Mechanism, { first, nonce, serverFirst, keys }: Begun, token: Uint8Array): Step {
  const final = readClientFinal(token);
  if (!final) throw failed(mechanism, 'the last message is malformed');
  if (final.gs2Header !== first.gs2Header) throw failed(mechanism, 'the channel binding is another one');
  if (final.nonce !== nonce) throw failed(mechanism, 'the nonce is another one');
  const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`;
  if (!isProof(keys, authMessage, final.proof)) throw failed(mechanism);
  const signature = hmacOf(keys.hash, keys.serverKey, authMessage).toString('base64');
  return { token: Buffer.from(`v=${signature}`), username: first.username };
}

/** ClientKey is the proof XOR the client's signature, and StoredKey is its hash. */
function isProof({ hash, storedKey }: SaltedKeys, authMessage: string, proof: Uint8Array): boolean {
  const signature = hmacOf(hash, storedKey, authMessage);
  if (proof.length !== signature.length) return false;
  const clientKey = signature.map((byte, i) => byte ^ (proof[i] ?? 0));
  return isSameKey(storedKeyOf(hash, clientKey), storedKey);
}
