// GET /topics/{topic}/partitions/{partition}/records: read a partition from an offset, waiting for records if need be.
import type { Context } from 'hono';
import * as Type from 'typebox';
import type { TSchema } from 'typebox';
import { BrokerError } from '../base/errors.ts';
import type { RecordBroker, FetchedBatches } from '../broker/broker.ts';
import { recordsOf } from '../record/record-batch.ts';
import type { PlacedRecord } from '../record/record.ts';
import type { Topic } from '../topics/topic.ts';
import { answerText } from './answer.ts';
import { HTTP_ERRORS, HttpError } from './errors.ts';
import { ANSWER_BYTES_MAX, WAIT_MS_DEFAULT, WAIT_MS_MAX } from './limits.ts';
import {
  EMBEDDED_MEDIA_TYPES,
  type EmbeddedFormat,
  embeddedFormatOf,
  PLAIN_JSON,
  V2_JSON,
} from './media-types.ts';
import { offsetAfter } from './offset-after.ts';
import { recordText } from './payload.ts';
import { pathParameter, readQuery, requireAccepted } from './request.ts';
import { soundBatches } from './sound-batches.ts';
import type { RecordDeps, RecordRoute, RouteAnswer } from './route.ts';
import { consumedRecordOf } from './schemas-v2.ts';
import { Offset } from './schemas.ts';
import { requirePartition } from './topics.ts';

/** For clients that cannot set Accept. */
export const FormatParameter = Type.Optional(
  Type.Enum(['json', 'binary', 'text'], { description: 'The form of keys and values, instead of Accept' }),
);

const RecordsQuery = Type.Object(
  {
    offset: Type.Optional({
      ...Offset,
      description: 'The first offset to read; default: the first there is',
    }),
    max_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description:
          'Bytes of keys and values to answer at most, one record excepted; default: what an answer holds',
      }),
    ),
    timeout: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: `Milliseconds to wait for a record; default ${WAIT_MS_DEFAULT}, at most ${WAIT_MS_MAX} are waited`,
      }),
    ),
    format: FormatParameter,
    topic_id: Type.Optional(
      Type.String({
        description: 'topic_id of the topic that offset is an offset of: 404 where it was made anew since',
      }),
    ),
  },
  { additionalProperties: false },
);

/** What is offered, in the order of preference: binary suits every record, and is Kafka REST's default. */
const OFFERED = [
  EMBEDDED_MEDIA_TYPES.binary,
  EMBEDDED_MEDIA_TYPES.json,
  EMBEDDED_MEDIA_TYPES.text,
  V2_JSON,
  PLAIN_JSON,
];

async function readRecords(c: Context, deps: RecordDeps): Promise<Response> {
  const query = readQuery(c, RecordsQuery);
  const { format, mediaType } = formatFor(c, query.format);
  const topic = await deps.broker.describeTopic(pathParameter(c, 'topic'));
  const partition = requirePartition(topic, pathParameter(c, 'partition'));
  const offset = query.offset ?? (await deps.broker.listOffset(topic.name, partition, 'earliest')).offset;
  const maxBytes = Math.min(query.max_bytes ?? ANSWER_BYTES_MAX, ANSWER_BYTES_MAX);
  const fetched = await fetchOrExplain(deps.broker, topic, partition, offset, {
    maxBytes,
    maxWaitMs: Math.min(query.timeout ?? WAIT_MS_DEFAULT, WAIT_MS_MAX),
    signal: c.req.raw.signal,
    ...(query.topic_id === undefined ? {} : { topicId: query.topic_id }),
  });
  const page = pageOf(topic.name, partition, { fetched, offset, format, maxBytes });
  return answerText(page.text, mediaType, {
    headers: {
      'wadi-next-offset': String(page.nextOffset),
      'wadi-end-offset': String(fetched.highWatermark),
    },
  });
}

function formatFor(
  c: Context,
  asked: EmbeddedFormat | undefined,
): { format: EmbeddedFormat; mediaType: string } {
  if (asked !== undefined) return { format: asked, mediaType: EMBEDDED_MEDIA_TYPES[asked] };
  const mediaType = requireAccepted(c, OFFERED);
  return { format: embeddedFormatOf(mediaType) ?? 'binary', mediaType };
}

interface FetchLimits {
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  readonly topicId?: string;
}

/** Fetches; an offset out of range says which offsets there are. */
async function fetchOrExplain(
  broker: RecordBroker,
  topic: Topic,
  partition: number,
  offset: number,
  limits: FetchLimits,
): Promise<FetchedBatches> {
  try {
    return await broker.fetch({ topic: topic.name, partition, offset, ...limits });
  } catch (error) {
    if (!(error instanceof BrokerError) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error;
    throw await offsetOutOfRange(broker, topic.name, partition, offset, error);
  }
}

/** 416 that names the offsets that can be read. */
export async function offsetOutOfRange(
  broker: RecordBroker,
  topic: string,
  partition: number,
  offset: number,
  cause?: unknown,
): Promise<HttpError> {
  const [earliest, latest] = await Promise.all([
    broker.listOffset(topic, partition, 'earliest'),
    broker.listOffset(topic, partition, 'latest'),
  ]);
  return new HttpError({
    ...HTTP_ERRORS.OFFSET_OUT_OF_RANGE,
    message: `offset of ${topic}-${partition} must be from ${earliest.offset} to ${latest.offset}, got ${offset}`,
    details: {
      kafka_error: 'OFFSET_OUT_OF_RANGE',
      field: 'offset',
      beginning_offset: earliest.offset,
      end_offset: latest.offset,
    },
    cause,
  });
}

interface PageInput {
  readonly fetched: FetchedBatches;
  readonly offset: number;
  readonly format: EmbeddedFormat;
  readonly maxBytes: number;
}

interface Page {
  readonly text: string;
  readonly nextOffset: number;
}

/** As many whole records as fit. A first record that cannot be answered is an error; a later one ends the page before it. */
function pageOf(topic: string, partition: number, { fetched, offset, format, maxBytes }: PageInput): Page {
  const texts: string[] = [];
  let answerBytes = '[]'.length;
  let payloadBytes = 0;
  const batches = soundBatches(`${topic}-${partition}`, fetched.batches);
  for (const record of recordsOf(batches, offset)) {
    payloadBytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (texts.length > 0 && payloadBytes > maxBytes) return pageUntil(texts, record);
    let text: string;
    try {
      text = recordText(topic, partition, record, format);
    } catch (error) {
      if (texts.length === 0) throw error;
      return pageUntil(texts, record);
    }
    answerBytes += Buffer.byteLength(text) + 1;
    if (answerBytes > ANSWER_BYTES_MAX) {
      if (texts.length === 0) throw recordTooLarge(`${topic}-${partition}`, record, answerBytes);
      return pageUntil(texts, record);
    }
    texts.push(text);
  }
  return { text: `[${texts.join(',')}]`, nextOffset: offsetAfter(batches, offset) };
}

const pageUntil = (texts: readonly string[], next: PlacedRecord): Page => ({
  text: `[${texts.join(',')}]`,
  nextOffset: next.offset,
});

function recordTooLarge(place: string, record: PlacedRecord, bytes: number): HttpError {
  return new HttpError({
    status: 413,
    errorCode: 413,
    message:
      `The record at offset ${record.offset} of ${place} takes ${bytes} bytes, more than the ${ANSWER_BYTES_MAX} of an ` +
      `answer: the next one is at offset ${record.offset + 1}`,
    details: { kafka_error: 'MESSAGE_TOO_LARGE', offset: record.offset, next_offset: record.offset + 1 },
  });
}

function recordsAnswer(): RouteAnswer {
  const arrays = (['binary', 'json', 'text'] as const).map((format): [string, TSchema] => [
    EMBEDDED_MEDIA_TYPES[format],
    Type.Array(consumedRecordOf(format)),
  ]);
  const binary = Type.Array(consumedRecordOf('binary'));
  return {
    description:
      'The records, none where none came in time. The header wadi-next-offset says where to go on, wadi-end-offset where ' +
      'the partition ends.',
    content: { ...Object.fromEntries(arrays), [V2_JSON]: binary, [PLAIN_JSON]: binary },
  };
}

/** The route that reads a partition. */
export const RECORDS_V2_ROUTES: readonly RecordRoute[] = [
  {
    method: 'GET',
    path: '/topics/{topic}/partitions/{partition}/records',
    group: 'consume',
    operationId: 'readRecords',
    summary: 'Read records of a partition from an offset',
    description:
      'Answers whole records up to max_bytes and 4 MiB of JSON. Binary unless Accept or format says otherwise. In the json ' +
      'and text formats an answer ends before a record that is not JSON or UTF-8, and is 406 (40601) where that is the ' +
      'first; it is 413 where the first record alone is above 4 MiB. Both name the next offset.',
    query: RecordsQuery,
    answers: { 200: recordsAnswer() },
    errors: [404, 406, 413, 416],
    handle: readRecords,
  },
];
