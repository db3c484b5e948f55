// Answers of the routes of groups: plain JSON.
import type { Context } from 'hono';
import { answerText } from '../answer.ts';
import { PLAIN_JSON } from '../media-types.ts';
import { requireAccepted } from '../request.ts';

/** Answers a value as JSON, its bytes in base64. Throws 406 where application/json is not accepted. */
export function answerPlain(c: Context, value: unknown): Response {
  return answerText(JSON.stringify(value, bytesToBase64), requireAccepted(c, [PLAIN_JSON]));
}

function bytesToBase64(this: unknown, key: string, value: unknown): unknown {
  // A Buffer has been turned into its own JSON before it comes by here; what it was is in its holder.
  const held = (this as Record<string, unknown>)[key];
  return held instanceof Uint8Array ? Buffer.from(held).toString('base64') : value;
}
