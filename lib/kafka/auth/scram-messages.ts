// The messages of SCRAM (RFC 5802), without channel binding.
//
// client-first => gs2-header client-first-bare
//   gs2-header => ("n" | "y") "," ["a=" saslname] ","
//   client-first-bare => "n=" saslname ",r=" nonce ["," extensions]
// server-first => "r=" nonce ",s=" base64 ",i=" iterations
// client-final => client-final-without-proof ",p=" base64
//   client-final-without-proof => "c=" base64 ",r=" nonce ["," extensions]
// server-final => "v=" base64

export interface ClientFirst {
  /** As it was sent: the client's last message repeats it. */
  readonly gs2Header: string;
  readonly bare: string;
  /** undefined: the client acts for itself. */
  readonly authorizationId: string | undefined;
  readonly username: string;
  readonly nonce: string;
}

export interface ClientFinal {
  readonly withoutProof: string;
  readonly gs2Header: string;
  readonly nonce: string;
  readonly proof: Uint8Array;
}

const SASL_NAME = '(?:[^,=\\0]|=2C|=3D)+';
const CLIENT_FIRST = new RegExp(
  `^(?<header>[ny],(?:a=(?<authzid>${SASL_NAME}))?,)(?<bare>n=(?<name>${SASL_NAME}),r=(?<nonce>[!-+\\--~]+)(?:,[a-zA-Z]=[^,]*)*)$`,
);
const BASE64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?';
const CLIENT_FINAL = new RegExp(
  `^(?<rest>c=(?<binding>${BASE64}),r=(?<nonce>[!-+\\--~]+)(?:,[a-zA-Z]=[^,]*)*),p=(?<proof>${BASE64})$`,
);

const unescapeName = (name: string): string => name.replaceAll('=2C', ',').replaceAll('=3D', '=');

/** undefined: it is none, or asks for channel binding or an extension that must be understood. */
export function readClientFirst(token: Uint8Array): ClientFirst | undefined {
  const groups = CLIENT_FIRST.exec(Buffer.from(token).toString('utf8'))?.groups;
  if (!groups) return undefined;
  const { header = '', bare = '', authzid, name = '', nonce = '' } = groups;
  return {
    ...{ gs2Header: header, bare, username: unescapeName(name), nonce },
    authorizationId: authzid === undefined ? undefined : unescapeName(authzid),
  };
}

/** undefined: it is none. */
export function readClientFinal(token: Uint8Array): ClientFinal | undefined {
  const groups = CLIENT_FINAL.exec(Buffer.from(token).toString('utf8'))?.groups;
  if (!groups) return undefined;
  const { rest = '', binding = '', nonce = '', proof = '' } = groups;
  return {
    ...{ withoutProof: rest, nonce, proof: Buffer.from(proof, 'base64') },
    gs2Header: Buffer.from(binding, 'base64').toString('utf8'),
  };
}
