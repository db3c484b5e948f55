// Schemas that both API versions share.
import * as Type from 'typebox';
import type { TSchema } from 'typebox';
import { V2_JSON } from './media-types.ts';
import type { RouteAnswer } from './route.ts';

/** A schema whose value may also be null. `schema` has a plain `type`. */
export function nullable<T>(schema: TSchema & { type: string }): ReturnType<typeof Type.Unsafe<T | null>> {
  return Type.Unsafe<T | null>({ ...schema, type: [schema.type, 'null'] });
}

/** Kafka's partition numbers are INT32. */
export const Partition = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
/** Offsets are integers that a double holds exactly. */
export const Offset = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Milliseconds since the Unix epoch, to the year 9999. */
export const TimestampMs = Type.Integer({
  minimum: 0,
  maximum: 253_402_300_799_999,
  description: 'Milliseconds since the Unix epoch; default: now',
});

/** An answer of the v2 API, which is also given as application/json to clients that accept only that. */
export function v2Answer(description: string, schema: TSchema): RouteAnswer {
  return { description, content: { [V2_JSON]: schema, 'application/json': schema } };
}

/** An answer of the v3 API. */
export function v3Answer(description: string, schema: TSchema): RouteAnswer {
  return { description, content: { 'application/json': schema } };
}
