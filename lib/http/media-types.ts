// Kafka REST's media types: which form keys and values have in a body, and what a client accepts.

/** How keys and values are written in JSON: as JSON, as base64 of their bytes, or as UTF-8 text. */
export type EmbeddedFormat = 'json' | 'binary' | 'text';

/** Kafka REST v2's answers that hold no keys and values. */
export const V2_JSON = 'application/vnd.kafka.v2+json';
/** Everything of the v3 API. */
export const PLAIN_JSON = 'application/json';
/** Server-sent events. */
export const EVENT_STREAM = 'text/event-stream';

/** Media types with an embedded format: json and binary as Kafka REST v2 names them, text as Strimzi's bridge does. */
export const EMBEDDED_MEDIA_TYPES = {
  json: 'application/vnd.kafka.json.v2+json',
  binary: 'application/vnd.kafka.binary.v2+json',
  text: 'application/vnd.kafka.text.v2+json',
} as const satisfies Record<EmbeddedFormat, string>;

/** The media type without its parameters, in lower case; undefined where there is none. */
export function mediaTypeOf(header: string | undefined): string | undefined {
  const type = header?.split(';', 1)[0]?.trim().toLowerCase();
  return type === '' ? undefined : type;
}

/** The embedded format that a media type names. */
export function embeddedFormatOf(mediaType: string | undefined): EmbeddedFormat | undefined {
  const entries = Object.entries(EMBEDDED_MEDIA_TYPES) as [EmbeddedFormat, string][];
  return entries.find(([, type]) => type === mediaType)?.[0];
}

interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
}

/** How specifically a range names a type: 3 exactly, 2 by its main type, 1 by any type, 0 not at all. */
function specificity(range: string, type: string): number {
  if (range === type) return 3;
  if (range === '*/*') return 1;
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1)) ? 2 : 0;
}

/**
 * The offered type that an Accept header likes best; among equals the one offered first (RFC 9110, 12.5.1). No header
 * accepts everything. Undefined where nothing offered is accepted.
 */
export function negotiate(accept: string | undefined, offered: readonly string[]): string | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = accept.split(',').map(parseRange);
  const qualityOf = (type: string): number => {
    const matches = ranges
      .map((range) => ({ range, match: specificity(range.type, type) }))
      .filter((m) => m.match > 0);
    const best = matches.reduce((a, b) => (b.match > a.match ? b : a), { range: { quality: 0 }, match: 0 });
    return best.range.quality;
  };
  const rated = offered.map((type) => ({ type, quality: qualityOf(type) }));
  const best = rated.reduce((a, b) => (b.quality > a.quality ? b : a), { type: '', quality: 0 });
  return best.quality > 0 ? best.type : undefined;
}
