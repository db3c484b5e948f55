// Bodies of calls for consumers, in every type that Kafka REST takes them in.
import type { Context } from 'hono';
import type { Static, TSchema } from 'typebox';
import { invalidBody } from '../errors.ts';
import { checkBody } from '../json-body.ts';
import { parseJson } from '../json-text.ts';
import { EMBEDDED_MEDIA_TYPES, PLAIN_JSON, V2_JSON } from '../media-types.ts';
import { readBodyText, requireContentType } from '../request.ts';

/** Of formats with schemas, which are not served: known so that what asks for them is told so. */
export const SCHEMA_MEDIA_TYPES = ['avro', 'protobuf', 'jsonschema'].map(
  (format) => `application/vnd.kafka.${format}.v2+json`,
);

const TYPES = [V2_JSON, ...Object.values(EMBEDDED_MEDIA_TYPES), ...SCHEMA_MEDIA_TYPES, PLAIN_JSON];

/** The body as JSON; undefined where it is empty. Throws 415, 42206. */
export async function readConsumerJson(c: Context): Promise<unknown> {
  const text = await readBodyText(c);
  if (text.trim() === '') return undefined;
  requireContentType(c, TYPES);
  return parseJson(text);
}

/** The body as the schema says. Throws 415, 42206. */
export async function readConsumerBody<T extends TSchema>(c: Context, schema: T): Promise<Static<T>> {
  const value = await readConsumerJson(c);
  if (value === undefined) throw invalidBody('The body is missing');
  return checkBody(schema, value);
}

/** For the document: what takes this schema. */
export const consumerBody = (schema: TSchema, required = true) => ({
  required,
  content: Object.fromEntries([V2_JSON, PLAIN_JSON].map((type) => [type, schema])),
});
