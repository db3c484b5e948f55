// A process that appends to one partition on emulated stores, and prints what it asks for and what it is answered.
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createSystemDice } from '../../../lib/base/dice.ts';
import { Log } from '../../../lib/log/log.ts';
import { splitBatches } from '../../../lib/record/batch-header.ts';
import { encodeBatch } from '../../../lib/record/record-batch.ts';
import { retryItems, retryObjects } from '../../../lib/storage/retrying.ts';
import { createS3ObjectStore } from '../../../lib/storage/s3/s3-object-store.ts';
import { createTieredObjectStore } from '../../../lib/storage/tiered-object-store.ts';
import { BUCKET, createS3Client } from '../../storage/s3/support/fake-s3.ts';
import { openEmulatedStore } from '../../support/emulator.ts';
import { PARTITION_ID, SMALL_LIMITS } from '../support/small-limits.ts';

const [, , dynamodb = '', s3 = '', writer = '', batches = ''] = process.argv;
const [clock, dice] = [createSystemClock(), createSystemDice()];
const items = retryItems(openEmulatedStore(dynamodb), { clock, dice });
const client = createS3Client(s3);
const large = retryObjects(createS3ObjectStore({ client, bucket: BUCKET }), { clock, dice });
const objects = createTieredObjectStore({ items, large, clock });
const log = new Log({ items, objects, clock, dice, limits: SMALL_LIMITS });

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
const upTo = (max: number): number => Math.floor(dice.random() * max);

/** Every other writer is an idempotent producer. */
const producerId = Number(writer) % 2 === 0 ? undefined : BigInt(writer);
let baseSequence = 0;
for (let at = 0; at < Number(batches); at++) {
  const values = Array.from({ length: 1 + upTo(3) }, (_, record) => `${writer}-${at}-${record}`);
  const bytes = [0, 40, 300, 2_000][upTo(4)] ?? 0;
  const records = values.map((value) => ({
    ...{ key: null, headers: [], timestampMs: clock.now() },
    value: Buffer.from(value.padEnd(bytes, '.')),
  }));
  const producer = producerId === undefined ? {} : { producerId, producerEpoch: 0, baseSequence };
  say({ kind: 'attempt', values });
  const [result] = await log.append(PARTITION_ID, splitBatches(encodeBatch(records, producer)));
  if (result?.kind === 'stored') say({ kind: 'stored', values, baseOffset: result.baseOffset });
  else say({ kind: 'refused', values, error: { outcome: result?.error.outcome } });
  baseSequence += values.length;
  if (at % 8 === 7) await log.seal(PARTITION_ID, { all: true });
}
await log.settle();
await items.close();
client.destroy();
