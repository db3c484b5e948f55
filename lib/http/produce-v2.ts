// POST /topics/{topic} and /topics/{topic}/partitions/{partition}: produce as Kafka REST v2 does.
import type { Context } from 'hono';
import * as Type from 'typebox';
import { answerV2 } from './answer.ts';
import { invalidBody, invalidParameter, recordErrorCode } from './errors.ts';
import { parseJson } from './json-text.ts';
import {
  EMBEDDED_MEDIA_TYPES,
  type EmbeddedFormat,
  embeddedFormatOf,
  PLAIN_JSON,
  V2_JSON,
} from './media-types.ts';
import { headerOf, payloadBytes } from './payload.ts';
import { acksZeroWithProducer, commonError, producerOf, type RequestedRecord } from './produce-plan.ts';
import { packForLater, produceRecords, type RecordResult, type RecordsToProduce } from './produce.ts';
import { pathParameter, readBodyText, readQuery, requireAccepted, requireContentType } from './request.ts';
import type { RecordDeps, RecordRoute } from './route.ts';
import {
  ProduceAnswer,
  produceBodyOf,
  ProduceBody,
  type ProducedOffset,
  type ProduceRecord,
} from './schemas-v2.ts';
import { v2Answer } from './schemas.ts';
import { requirePartition } from './topics.ts';
import { checkAgainst } from './validation.ts';

const ProduceQuery = Type.Object(
  {
    acks: Type.Optional(
      Type.Enum(['0', '1', 'all', '-1'], {
        description:
          '0: answer 202 at once, errors after that are not told. Otherwise answer when durable (default)',
      }),
    ),
  },
  { additionalProperties: false },
);

const FORMATS: readonly EmbeddedFormat[] = ['json', 'binary', 'text'];

async function produce(c: Context, deps: RecordDeps, partitionText?: string): Promise<Response> {
  requireAccepted(c, [V2_JSON, PLAIN_JSON]);
  const { acks } = readQuery(c, ProduceQuery);
  const mediaType = requireContentType(c, Object.values(EMBEDDED_MEDIA_TYPES));
  const format = embeddedFormatOf(mediaType) ?? 'binary';
  const body = readProduceBody(await readBodyText(c), format);
  const producer = producerOf(body);
  if (acks === '0' && producer !== undefined) throw acksZeroWithProducer();
  const topic = await deps.broker.describeTopic(pathParameter(c, 'topic'), { allowAutoTopicCreation: true });
  const partition = partitionText === undefined ? undefined : requirePartition(topic, partitionText);
  const now = deps.clock.now();
  const records = body.records.map((record, index) =>
    requestedRecord(record, index, { format, partition, now }),
  );
  return acks === '0'
    ? await produceLater(deps, { topic, records, producer })
    : await produceNow(c, deps, { topic, records, producer });
}

function readProduceBody(text: string, format: EmbeddedFormat): ProduceBody {
  const value = parseJson(text, { keepNumbers: format === 'json' });
  return checkAgainst(ProduceBody, value, ({ field, message }) =>
    invalidBody(`${field === '' ? 'The body' : field} ${message}`, field),
  );
}

async function produceLater(deps: RecordDeps, input: RecordsToProduce): Promise<Response> {
  if (deps.produceLater === undefined)
    throw invalidParameter('acks', 'must be 1 or all: 0 is not served here');
  await deps.produceLater(packForLater(deps, input));
  return new Response(null, { status: 202 });
}

async function produceNow(c: Context, deps: RecordDeps, input: RecordsToProduce): Promise<Response> {
  const results = await produceRecords(deps, input);
  const error = commonError(results.map((result) => result.error));
  if (error !== undefined) throw error;
  const answer: ProduceAnswer = {
    key_schema_id: null,
    value_schema_id: null,
    offsets: results.map(offsetOf),
  };
  return answerV2(c, answer);
}

function requestedRecord(
  record: ProduceRecord,
  index: number,
  { format, partition, now }: { format: EmbeddedFormat; partition: number | undefined; now: number },
): RequestedRecord {
  const field = `records[${index}]`;
  if (partition !== undefined && typeof record.partition === 'number' && record.partition !== partition) {
    throw invalidBody(
      `${field}.partition must be absent or the path's ${partition}, got ${record.partition}`,
      `${field}.partition`,
    );
  }
  return {
    partition: partition ?? record.partition ?? undefined,
    record: {
      timestampMs: record.timestamp ?? now,
      key: payloadBytes(format, record.key, `${field}.key`),
      value: payloadBytes(format, record.value, `${field}.value`),
      headers: (record.headers ?? []).map(({ key, value }, at) =>
        headerOf(key, value, `${field}.headers[${at}]`),
      ),
    },
  };
}

function offsetOf(result: RecordResult): ProducedOffset {
  if (result.error === undefined) {
    return { partition: result.partition, offset: result.offset, error_code: null, error: null };
  }
  const { error } = result;
  return {
    partition: result.partition ?? null,
    offset: null,
    error_code: recordErrorCode(error),
    error: error.message,
    outcome: error.outcome,
    kafka_error: error.code,
  };
}

const DESCRIPTION =
  'Records of one partition become one batch, or as many as max.message.bytes asks for. A record with a key goes where ' +
  "Kafka's Java producer would send these bytes, unless it names its partition; records with neither stay together in " +
  'a partition chosen for the request. Where some records fail, the answer is 200 and says so record by record; where ' +
  'all of them fail for one reason, it is the error.';

const shared = {
  method: 'POST',
  group: 'produce',
  description: DESCRIPTION,
  query: ProduceQuery,
  body: {
    required: true,
    content: Object.fromEntries(
      FORMATS.map((format) => [EMBEDDED_MEDIA_TYPES[format], produceBodyOf(format)]),
    ),
  },
  answers: {
    200: v2Answer('What became of each record', ProduceAnswer),
    202: { description: 'With acks=0: the records were taken, and nothing more will be said of them' },
  },
  errors: [404, 406, 409, 413, 415, 422],
} as const satisfies Partial<RecordRoute>;

/** The routes that produce many records at once. */
export const PRODUCE_V2_ROUTES: readonly RecordRoute[] = [
  {
    ...shared,
    path: '/topics/{topic}',
    operationId: 'produceToTopic',
    summary: 'Produce records to a topic',
    handle: (c, deps) => produce(c, deps),
  },
  {
    ...shared,
    path: '/topics/{topic}/partitions/{partition}',
    operationId: 'produceToPartition',
    summary: 'Produce records to one partition',
    handle: (c, deps) => produce(c, deps, pathParameter(c, 'partition')),
  },
];
