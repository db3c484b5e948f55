// A JSON body against its schema.
import type { Context } from 'hono';
import type { Static, TSchema } from 'typebox';
import { invalidBody } from './errors.ts';
import { parseJson } from './json-text.ts';
import { readBodyText } from './request.ts';
import { checkAgainst } from './validation.ts';

/** The body as the schema says, or 42206 naming the field. Whether its content type is served, the caller has checked. */
export async function readJsonBody<T extends TSchema>(c: Context, schema: T): Promise<Static<T>> {
  return checkBody(schema, parseJson(await readBodyText(c)));
}

/** A body that was parsed before, as the schema says, or 42206 naming the field. */
export function checkBody<T extends TSchema>(schema: T, value: unknown): Static<T> {
  return checkAgainst(schema, value, ({ field, message }) =>
    invalidBody(`${field === '' ? 'The body' : field} ${message}`, field),
  );
}
