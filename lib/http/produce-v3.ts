// POST /v3/clusters/{cluster_id}/topics/{topic_name}/records: produce as Kafka REST v3 does, one record or several that
// follow each other in the body, each answered by a report of its own.
import type { Context } from 'hono';
import type { BrokerError } from '../base/errors.ts';
import { answerText, answerV3 } from './answer.ts';
import { HttpError, invalidBody, toHttpError, unserializable } from './errors.ts';
import { parseJson, splitConcatenatedJson } from './json-text.ts';
import { type EmbeddedFormat, PLAIN_JSON } from './media-types.ts';
import { headerOf, payloadBytes } from './payload.ts';
import type { RequestedRecord } from './produce-plan.ts';
import { produceRecords, type RecordResult } from './produce.ts';
import { pathParameter, readBodyText, requireAccepted, requireContentType } from './request.ts';
import { requireCluster } from './resources-v3.ts';
import type { RecordDeps, RecordRoute } from './route.ts';
import { ProduceAnswerV3, ProduceBodyV3, type ProduceData } from './schemas-v3.ts';
import { v3Answer } from './schemas.ts';
import { checkAgainst } from './validation.ts';

const FORMATS = { BINARY: 'binary', JSON: 'json', STRING: 'text' } as const satisfies Record<
  ProduceData['type'],
  EmbeddedFormat
>;

interface ParsedRecord {
  readonly body: ProduceBodyV3;
  readonly requested: RequestedRecord;
}

async function produce(c: Context, deps: RecordDeps): Promise<Response> {
  requireAccepted(c, [PLAIN_JSON]);
  requireContentType(c, [PLAIN_JSON]);
  const texts = splitConcatenatedJson(await readBodyText(c));
  if (texts.length === 0) throw invalidBody('The request body is empty. Data is required.');
  const clusterId = await requireCluster(c, deps.broker);
  const topic = await deps.broker.describeTopic(pathParameter(c, 'topic_name'), {
    allowAutoTopicCreation: true,
  });
  const now = deps.clock.now();
  const parsed = texts.map((text) => attempt(() => parseRecord(text, now)));
  const records = parsed.filter((record): record is ParsedRecord => !(record instanceof HttpError));
  const results = await produceRecords(deps, {
    topic,
    records: records.map(({ requested }) => requested),
    producer: undefined,
  });
  const resultOf = new Map(records.map((record, index) => [record, results[index]]));
  const reports = parsed.map((record) =>
    record instanceof HttpError ? record : reportOf(clusterId, topic.name, record, resultOf.get(record)),
  );
  return answerReports(c, reports);
}

/** One report alone is the answer; several follow each other, and errors among them do not change the status. */
function answerReports(c: Context, reports: readonly (ProduceAnswerV3 | HttpError)[]): Response {
  const [first, ...others] = reports;
  if (others.length === 0) {
    if (first instanceof HttpError) throw first;
    return answerV3(c, first);
  }
  const bodies = reports.map((report) =>
    JSON.stringify(report instanceof HttpError ? report.toBody() : report),
  );
  return answerText(`${bodies.join('\r\n')}\r\n`, PLAIN_JSON);
}

function attempt<T>(parse: () => T): T | HttpError {
  try {
    return parse();
  } catch (error) {
    if (error instanceof HttpError) return error;
    throw error;
  }
}

function parseRecord(text: string, now: number): ParsedRecord {
  const body = checkAgainst(ProduceBodyV3, parseJson(text, { keepNumbers: true }), ({ field, message }) =>
    invalidBody(`${field === '' ? 'The body' : field} ${message}`, field),
  );
  const headers = (body.headers ?? []).map(({ name, value }, at) => headerOf(name, value, `headers[${at}]`));
  return {
    body,
    requested: {
      partition: body.partition_id ?? undefined,
      record: {
        timestampMs: timestampOf(body.timestamp) ?? now,
        key: dataBytes(body.key, 'key.data'),
        value: dataBytes(body.value, 'value.data'),
        headers,
      },
    },
  };
}

function dataBytes(data: ProduceData | null | undefined, field: string): Uint8Array | null {
  return data === undefined || data === null ? null : payloadBytes(FORMATS[data.type], data.data, field);
}

function timestampOf(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null) return undefined;
  const timestampMs = Date.parse(text);
  if (!(timestampMs >= 0))
    throw unserializable('timestamp', `must be a date and time since 1970, got ${text}`);
  return timestampMs;
}

function reportOf(
  clusterId: string,
  topic: string,
  { body, requested }: ParsedRecord,
  result: RecordResult | undefined,
): ProduceAnswerV3 | HttpError {
  if (result?.error !== undefined) return toHttpError(withPartition(result.error));
  if (result === undefined) throw new TypeError('a record without a result');
  const { record } = requested;
  return {
    error_code: 200,
    cluster_id: clusterId,
    topic_name: topic,
    partition_id: result.partition,
    offset: result.offset,
    timestamp: new Date(result.timestampMs).toISOString(),
    ...sizeOf('key', body.key, record.key),
    ...sizeOf('value', body.value, record.value),
  };
}

/** A report stands for one record, so that its index in the body says nothing. */
function withPartition(error: BrokerError): BrokerError {
  if (error.field === undefined) return error;
  const field = error.field.replace(/^records\[\d+\]\.?/, '').replace(/^partition$/, 'partition_id');
  return error.restated({ field: field === '' ? undefined : field });
}

function sizeOf<K extends 'key' | 'value'>(
  part: K,
  data: ProduceData | null | undefined,
  bytes: Uint8Array | null,
): Partial<Record<K, { type: ProduceData['type']; size: number }>> {
  if (data === undefined || data === null) return {};
  return { [part]: { type: data.type, size: bytes?.length ?? 0 } } as Record<
    K,
    { type: ProduceData['type']; size: number }
  >;
}

/** The route that produces single records. */
export const PRODUCE_V3_ROUTES: readonly RecordRoute[] = [
  {
    method: 'POST',
    path: '/v3/clusters/{cluster_id}/topics/{topic_name}/records',
    group: 'produce',
    operationId: 'produceRecordV3',
    summary: 'Produce a record, or several',
    description:
      'Several records follow each other as JSON objects with nothing or white space between them; their reports follow ' +
      'each other likewise, in the same order, under status 200, each with its own error_code (200: stored). One record ' +
      'alone that fails is answered with the status of its error. The body is read to its end before the first report.',
    body: { required: true, content: { [PLAIN_JSON]: ProduceBodyV3 } },
    answers: { 200: v3Answer('The report of each record', ProduceAnswerV3) },
    errors: [404, 406, 409, 413, 415, 422],
    handle: produce,
  },
];
