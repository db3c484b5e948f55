// PLAIN (RFC 4616): the password itself, which only TLS keeps from others.
//
// message => [authzid] NUL authcid NUL passwd, in UTF-8
import { failed, findKeys, type Exchange, type ExchangeDeps } from './exchange.ts';
import { isPasswordOf } from './salted-keys.ts';

const MECHANISM = 'PLAIN';
const EMPTY = new Uint8Array(0);

/** The one step of PLAIN. */
export function plainExchange(deps: ExchangeDeps): Exchange {
  return {
    step: async (token) => {
      const { username, password } = readMessage(token);
      const keys = await findKeys(deps, username, MECHANISM);
      if (!(await isPasswordOf(keys, password))) throw failed(MECHANISM);
      return { token: EMPTY, username };
    },
  };
}

function readMessage(token: Uint8Array): { readonly username: string; readonly password: string } {
  const parts = Buffer.from(token).toString('utf8').split('\0');
  const [authorizationId, username = '', password = ''] = parts;
  if (parts.length !== 3) throw failed(MECHANISM, `its message has three parts, got ${parts.length}`);
  if (username === '' || password === '') throw failed(MECHANISM, 'a name and a password must be given');
  // Nobody acts for another.
  if (authorizationId !== '' && authorizationId !== username) {
    throw failed(MECHANISM, 'the authorization id must be empty or the name');
  }
  return { username, password };
}
