// Counts what one consumer of one partition costs: it asks again and again, beside producers whose costs are not its own.
import { present } from '../base/assert.ts';
import { splitBatches } from '../record/batch-header.ts';
import { ASSUMED, FETCH } from './assumptions.ts';
import { produceAtRandom, type Stretch } from './count-appends.ts';
import { SimulatedAccount, type ConsumerFunction } from './simulated-account.ts';
import { add, scale, sum, type Tally } from './tally.ts';
import type { SampleBatch } from './sample-batch.ts';

/** How a consumer asks. */
export interface Asking {
  /** The pause after it has read all there is; undefined: it waits in long polls. */
  readonly pollSeconds: number | undefined;
}

/** What a consumer costs a second while so many batches are appended, and whether it kept up. */
export interface ConsumerCosts {
  readonly perSecond: Tally;
  /** Bytes that it read in a second at most; undefined where it kept up with the producers. */
  readonly bytesPerSecondMax: number | undefined;
}

/** A reader that needs more than this beyond the producers' time has fallen behind. */
const LAG_SHARE_MAX = 0.2;
const LAG_SECONDS_MIN = 5;

/** Follows a partition for the time that `stretch` takes, and to its end. */
export async function countConsumer(
  batch: SampleBatch,
  stretch: Stretch,
  asking: Asking,
): Promise<ConsumerCosts> {
  const account = await SimulatedAccount.open(1);
  const startMs = account.clock.preciseMs;
  const seconds = () => (account.clock.preciseMs - startMs) / 1_000;
  const end = new AbortController();
  const consumer = account.consumer();
  const following = follow(account, consumer, { batch, asking, signal: end.signal });
  await Promise.all([
    produceAtRandom(account, batch.bytes, stretch),
    account.clock.sleep((stretch.appends / stretch.appendsPerSecond) * 1_000),
  ]);
  const producedSeconds = seconds();
  end.abort();
  const units = await following;
  const lagSeconds = seconds() - producedSeconds;
  const isBehind = lagSeconds > Math.max(LAG_SECONDS_MIN, LAG_SHARE_MAX * producedSeconds);
  const bytes = stretch.appends * batch.bytes.length;
  await account.settle();
  return {
    perSecond: scale(sum(consumer.tally(), units), 1 / producedSeconds),
    bytesPerSecondMax: isBehind ? bytes / seconds() : undefined,
  };
}

interface Following {
  readonly batch: SampleBatch;
  readonly asking: Asking;
  /** Aborted once nothing more is appended. */
  readonly signal: AbortSignal;
}

/** Reads until the end after `signal`. Answers `apiUnits/consume` and the API's `logBytes`. */
async function follow(
  { clock }: SimulatedAccount,
  consumer: ConsumerFunction,
  { batch, asking: { pollSeconds }, signal }: Following,
): Promise<Tally> {
  const units = new Map<string, number>();
  for (let offset = 0; ;) {
    const isLast = signal.aborted;
    const maxWaitMs = pollSeconds === undefined ? FETCH.waitMs : 0;
    const { batches, highWatermark } = await consumer.fetch(offset, maxWaitMs, signal);
    const slices = [...splitBatches(batches)];
    add(units, 'apiUnits/consume', batch.fetchUnits(slices.length));
    add(units, 'logBytes', ASSUMED.accessLogBytes);
    if (slices.length > 0) {
      const { header } = present(slices.at(-1), 'the last batch');
      offset = header.baseOffset + header.recordCount;
    }
    const isAtEnd = offset >= highWatermark;
    if (isAtEnd && isLast) return units;
    const pauseMs = isAtEnd && pollSeconds !== undefined ? pollSeconds * 1_000 : ASSUMED.clientMs;
    await clock.sleep(pauseMs, signal);
  }
}
