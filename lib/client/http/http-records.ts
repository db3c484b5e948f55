// Record batches to and from the JSON of the v2 API.
import { decodeBatch, encodeBatch } from '../../record/record-batch.ts';
import type { PlacedRecord } from '../../record/record.ts';
import type { RecordsAnswer } from './http-answers.ts';

const toBase64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

const fromBase64 = (text: string | null | undefined): Buffer | null =>
  typeof text === 'string' ? Buffer.from(text, 'base64') : null;

/** The body that produces a batch to one partition in the binary format, under the batch's own sequence if it has one. */
export function produceBodyOf(partition: number, batch: Uint8Array): object {
  const { header, records } = decodeBatch(batch);
  const { producerId, producerEpoch, baseSequence } = header;
  return {
    records: records.map(({ key, value, timestampMs, headers }) => ({
      ...{ key: toBase64(key), value: toBase64(value), timestamp: timestampMs },
      ...(headers.length > 0 && {
        headers: headers.map((one) => ({ key: one.key, value: toBase64(one.value) })),
      }),
    })),
    ...(producerId >= 0n && {
      producer_id: Number(producerId),
      producer_epoch: producerEpoch,
      sequences: { [partition]: baseSequence },
    }),
  };
}

/** The records of an answer as whole batches, one for each run of offsets without a gap; empty where there are none. */
export function batchesOf(answer: RecordsAnswer): Uint8Array {
  const runs: PlacedRecord[][] = [];
  for (const { offset, timestamp, key, value, headers = [] } of answer) {
    const record = {
      ...{ offset, timestampMs: timestamp, key: fromBase64(key), value: fromBase64(value) },
      headers: headers.map((one) => ({ key: one.key, value: fromBase64(one.value) })),
    };
    const run = runs.at(-1);
    if (run?.at(-1)?.offset === offset - 1) run.push(record);
    else runs.push([record]);
  }
  return Buffer.concat(runs.map((run) => encodeBatch(run, { baseOffset: run[0]?.offset ?? 0 })));
}
