// Writes answers.
import type { Context } from 'hono';
import { HttpError } from './errors.ts';
import { ANSWER_BYTES_MAX } from './limits.ts';
import { PLAIN_JSON, V2_JSON } from './media-types.ts';
import { requireAccepted } from './request.ts';

interface AnswerOptions {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers JSON text. Throws an error where it is above ANSWER_BYTES_MAX. */
export function answerText(text: string, mediaType: string, options: AnswerOptions = {}): Response {
  const bytes = Buffer.byteLength(text);
  if (bytes > ANSWER_BYTES_MAX) {
    throw new HttpError({
      status: 500,
      errorCode: 50002,
      message: `The answer has ${bytes} bytes, more than the ${ANSWER_BYTES_MAX} that fit`,
    });
  }
  return new Response(text, {
    status: options.status ?? 200,
    headers: { 'content-type': mediaType, ...options.headers },
  });
}

/** Answers a value of the v2 API, in the media type that the client accepts. */
export function answerV2(c: Context, value: unknown, options?: AnswerOptions): Response {
  return answerText(JSON.stringify(value), requireAccepted(c, [V2_JSON, PLAIN_JSON]), options);
}

/** Answers a value of the v3 API. */
export function answerV3(c: Context, value: unknown, options?: AnswerOptions): Response {
  return answerText(JSON.stringify(value), requireAccepted(c, [PLAIN_JSON]), options);
}
