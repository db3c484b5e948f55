// GET /topics/{topic}/records/stream: all partitions of a topic as server-sent events, which go on where they broke off.
import type { Context } from 'hono';
import * as Type from 'typebox';
import type { RecordBroker } from '../broker/broker.ts';
import { BrokerError } from '../base/errors.ts';
import { recordsOf } from '../record/record-batch.ts';
import type { PlacedRecord } from '../record/record.ts';
import type { Topic } from '../topics/topic.ts';
import { HttpError, invalidParameter, toHttpError } from './errors.ts';
import { follow, type Followed } from './follow.ts';
import { STREAM_PARTITIONS_MAX, STREAM_PIECE_CHARACTERS } from './limits.ts';
import { type EmbeddedFormat, EVENT_STREAM } from './media-types.ts';
import { offsetAfter } from './offset-after.ts';
import { recordText } from './payload.ts';
import { FormatParameter, offsetOutOfRange } from './records-v2.ts';
import { pathParameter, readQuery, requireAccepted } from './request.ts';
import { soundBatches } from './sound-batches.ts';
import type { RecordDeps, RecordRoute } from './route.ts';
import { parsePositions, printPositions } from './stream-position.ts';

const StreamQuery = Type.Object(
  {
    from: Type.Optional(
      Type.Enum(['earliest', 'latest'], {
        description: 'Where to begin without Last-Event-ID; default: latest',
      }),
    ),
    format: FormatParameter,
  },
  { additionalProperties: false },
);

async function stream(c: Context, deps: RecordDeps): Promise<Response> {
  requireAccepted(c, [EVENT_STREAM]);
  const { from = 'latest', format = 'binary' } = readQuery(c, StreamQuery);
  const topic = await deps.broker.describeTopic(pathParameter(c, 'topic'));
  if (topic.partitions > STREAM_PARTITIONS_MAX) {
    throw invalidParameter(
      'topic',
      `must have at most ${STREAM_PARTITIONS_MAX} partitions to be streamed, got ${topic.partitions}`,
    );
  }
  const lastEventId = c.req.header('last-event-id');
  const positions = await startPositions(deps.broker, topic, from, lastEventId);
  const events = eventsOf(deps, { topic, positions, format, signal: c.req.raw.signal });
  return new Response(events, {
    headers: { 'content-type': EVENT_STREAM, 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  });
}

/** Where each partition begins; one that the last event did not know of (the topic grew) begins at its start. */
async function startPositions(
  broker: RecordBroker,
  topic: Topic,
  from: 'earliest' | 'latest',
  lastEventId: string | undefined,
): Promise<Map<number, number>> {
  const last = lastEventId === undefined || lastEventId === '' ? undefined : parsePositions(lastEventId);
  if (last !== undefined && last.topicId !== topic.topicId) {
    const message = `topic ${topic.name} was deleted and made anew since the event: its id is ${topic.topicId}`;
    throw new BrokerError('UNKNOWN_TOPIC_ID', message, { field: 'last-event-id' });
  }
  const known = last?.positions;
  const beyond = [...(known?.keys() ?? [])].find((partition) => partition >= topic.partitions);
  if (beyond !== undefined) {
    throw invalidParameter(
      'last-event-id',
      `names partition ${beyond}, but ${topic.name} has ${topic.partitions}`,
    );
  }
  const partitions = Array.from({ length: topic.partitions }, (_, partition) => partition);
  const starts = await Promise.all(
    partitions.map(async (partition): Promise<[number, number]> => {
      const position = known?.get(partition);
      if (position === undefined) {
        const at = known === undefined ? from : 'earliest';
        return [partition, (await broker.listOffset(topic.name, partition, at)).offset];
      }
      await checkInRange(broker, topic.name, partition, position);
      return [partition, position];
    }),
  );
  return new Map(starts);
}

async function checkInRange(
  broker: RecordBroker,
  topic: string,
  partition: number,
  position: number,
): Promise<void> {
  const [earliest, latest] = await Promise.all([
    broker.listOffset(topic, partition, 'earliest'),
    broker.listOffset(topic, partition, 'latest'),
  ]);
  if (position < earliest.offset || position > latest.offset) {
    throw await offsetOutOfRange(broker, topic, partition, position);
  }
}

interface StreamInput {
  readonly topic: Topic;
  /** Kept up to date while the stream runs. */
  readonly positions: Map<number, number>;
  readonly format: EmbeddedFormat;
  readonly signal: AbortSignal;
}

/** The stream's bytes, made only as they are read: nothing is fetched for a reader that does not read. */
function eventsOf(deps: RecordDeps, input: StreamInput): ReadableStream<Uint8Array> {
  const ended = new AbortController();
  const signal = AbortSignal.any([input.signal, ended.signal]);
  const end = (): void => {
    ended.abort();
  };
  if (deps.streamMsMax !== undefined) void deps.clock.sleep(deps.streamMsMax, signal).then(end);
  const texts = eventTexts(deps, { ...input, signal });
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const next = await texts.next();
        if (next.done === true) {
          end();
          controller.close();
        } else {
          controller.enqueue(encoder.encode(next.value));
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

async function* eventTexts(deps: RecordDeps, input: StreamInput): AsyncGenerator<string, void> {
  const { topic, positions, signal } = input;
  // An id without data reaches no listener, yet is remembered: a reader that breaks off now misses nothing.
  yield `id: ${printPositions(topic.topicId, positions)}\n\n`;
  try {
    for await (const followed of follow(deps, { topic, positions: new Map(positions), signal })) {
      if (followed.kind === 'silence') yield ': waiting\n\n';
      else yield* recordEvents(input, followed);
    }
  } catch (error) {
    if (signal.aborted) return;
    yield `event: stream-error\ndata: ${JSON.stringify(toHttpError(error).toBody())}\n\n`;
  }
}

/** The events of fetched batches, in pieces of about STREAM_PIECE_CHARACTERS. */
function* recordEvents(
  { topic, positions, format }: StreamInput,
  { partition, offset, batches }: Followed & { kind: 'batches' },
): Generator<string> {
  let text = '';
  const sound = soundBatches(`${topic.name}-${partition}`, batches);
  for (const record of recordsOf(sound, offset)) {
    positions.set(partition, record.offset + 1);
    text += `id: ${printPositions(topic.topicId, positions)}\n${recordEvent(topic.name, partition, record, format)}\n\n`;
    if (text.length >= STREAM_PIECE_CHARACTERS) {
      yield text;
      text = '';
    }
  }
  positions.set(partition, offsetAfter(sound, offset));
  if (text !== '') yield text;
}

function recordEvent(topic: string, partition: number, record: PlacedRecord, format: EmbeddedFormat): string {
  try {
    return `data: ${recordText(topic, partition, record, format)}`;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return `event: record-error\ndata: ${JSON.stringify({ partition, ...error.toBody() })}`;
  }
}

/** The route that follows a topic. A process behind an HTTP API, which cannot stream, leaves it out. */
export const STREAM_ROUTES: readonly RecordRoute[] = [
  {
    method: 'GET',
    path: '/topics/{topic}/records/stream',
    group: 'consume',
    operationId: 'streamRecords',
    summary: 'Follow a topic as server-sent events',
    description:
      'Each event is one record, as in readRecords; its id holds the next offset of every partition, so that ' +
      'Last-Event-ID goes on exactly there. Records of one partition come in order. A record that does not fit the format ' +
      'comes as an event record-error; an error that ends the stream as stream-error. Comments are heartbeats.',
    query: StreamQuery,
    headers: {
      'last-event-id': { description: 'The id of the last event that was handled', schema: Type.String() },
    },
    answers: {
      200: { description: 'Events until either side ends', content: { [EVENT_STREAM]: Type.String() } },
    },
    errors: [404, 406, 416],
    handle: stream,
  },
];
