// Keys of objects: what an object holds, and which store of the tiered two keeps it, can be read off its key alone.
import { assert } from '../../base/assert.ts';
import { formatUuid } from '../../base/dice.ts';

/*
 * Hot object, large: hot/<yyyy-mm-dd>/<uuid>         in the object store
 * Hot object, small: hot/s/<yyyy-mm-dd>/<uuid>       an item of table `objects` (small-object.ts)
 * Segment:           segments/<topicId>/<partition>/<20-digit base offset>-<uuid>.log
 *
 * A large hot object holds the batches of one entry, or of entries of several partitions that one process wrote at the same
 * time: then no partition's end removes it, and it goes by its expiry alone.
 *
 * The writer knows how many bytes it writes, and readers learn it from the tail entry; so the key says where its bytes
 * are, and no reader asks two stores. The day is that of the writer's clock, in UTC; it only files objects by age.
 * Life: hot objects expire 14 days after they were last put; segments live until retention or topic deletion.
 */

/** All hot objects have this prefix: the bucket's lifecycle rule is about it. */
export const HOT_PREFIX = 'hot/';
/** All small objects, and no others, have this prefix. */
export const SMALL_OBJECT_PREFIX = `${HOT_PREFIX}s/`;
/** All segments have this prefix. */
export const SEGMENTS_PREFIX = 'segments/';
const DAY_MS = 86_400_000;

/** What a key of one of the forms above says. */
export type ParsedObjectKey =
  | { readonly kind: 'hot'; readonly dayNumber: number; readonly uuid: string; readonly isSmall: boolean }
  | {
      readonly kind: 'segment';
      readonly topicId: string;
      readonly partition: number;
      readonly baseOffset: number;
      readonly uuid: string;
    };

/**
 * The key of a hot object. `dayNumber` counts days since 1970-01-01 in UTC; `id` is 16 unique bytes. `isSmall` decides
 * for good which store keeps it.
 */
export function hotObjectKey(dayNumber: number, id: Uint8Array, isSmall: boolean): string {
  assert(id.length === 16, `an object id has 16 bytes, got ${id.length}`);
  return `${isSmall ? SMALL_OBJECT_PREFIX : HOT_PREFIX}${formatDay(dayNumber)}/${formatUuid(id)}`;
}

/** Whether the object of this key is kept as a table item. */
export const isSmallObjectKey = (key: string): boolean => key.startsWith(SMALL_OBJECT_PREFIX);

/** The key of a segment that begins at `baseOffset`; `uuid` makes it unique among attempts to seal the same records. */
export function segmentKey(topicId: string, partition: number, baseOffset: number, uuid: string): string {
  assert(Number.isSafeInteger(baseOffset) && baseOffset >= 0, `base offset ${baseOffset}`);
  return `${segmentPrefix(topicId, partition)}${String(baseOffset).padStart(20, '0')}-${uuid}.log`;
}

/** What all segment keys of a topic, or of one of its partitions, begin with. */
export const segmentPrefix = (topicId: string, partition?: number): string =>
  partition === undefined ? `${SEGMENTS_PREFIX}${topicId}/` : `${SEGMENTS_PREFIX}${topicId}/${partition}/`;

const UUID = '([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})';
const HOT_KEY = new RegExp(`^hot/(s/)?(\\d{4}-\\d{2}-\\d{2})/${UUID}$`);
const SEGMENT_KEY = new RegExp(`^segments/([^/]+)/(0|[1-9]\\d{0,9})/(\\d{20})-${UUID}\\.log$`);

/** Reads a key, or answers undefined for one of no known form: nothing that is not understood may be collected. */
export function parseObjectKey(key: string): ParsedObjectKey | undefined {
  const [, small, day, hotUuid] = HOT_KEY.exec(key) ?? [];
  if (day !== undefined && hotUuid !== undefined) {
    const dayNumber = parseDay(day);
    if (dayNumber === undefined) return undefined;
    return { kind: 'hot', dayNumber, uuid: hotUuid, isSmall: small !== undefined };
  }
  const [, topicId, partition, offset, uuid] = SEGMENT_KEY.exec(key) ?? [];
  if (topicId === undefined || uuid === undefined) return undefined;
  const baseOffset = Number(offset);
  if (!Number.isSafeInteger(baseOffset)) return undefined;
  return { kind: 'segment', topicId, partition: Number(partition), baseOffset, uuid };
}

function formatDay(dayNumber: number): string {
  const isDay = Number.isInteger(dayNumber) && dayNumber >= 0 && dayNumber <= LAST_DAY;
  assert(isDay, `day ${dayNumber} is none from 1970-01-01 to 9999-12-31`);
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
}

const LAST_DAY = Date.UTC(9999, 11, 31) / DAY_MS;

function parseDay(day: string): number | undefined {
  const dayNumber = Date.parse(`${day}T00:00:00Z`) / DAY_MS;
  return Number.isInteger(dayNumber) && dayNumber >= 0 && formatDay(dayNumber) === day
    ? dayNumber
    : undefined;
}
