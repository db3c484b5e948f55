// Processes of their own on one partition, one of which is killed: what any of them was answered is there once.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3ObjectStore } from '../../lib/storage/s3/s3-object-store.ts';
import { BUCKET, startFakeS3, type FakeS3 } from '../storage/s3/support/fake-s3.ts';
import { DYNOXIDE_PATH, NO_DYNOXIDE, startDynoxide } from '../support/dynoxide.ts';
import { openEmulatedStore, stop, type Emulator } from '../support/emulator.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import { World } from './support/world.ts';
import type { Answer, Ledger } from './support/ledger.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';

const PROCESSES = 8;
const BATCHES_EACH = 16;
/** The process that is killed hears so many answers before. */
const ANSWERS_BEFORE_KILL = 6;

const SCRIPT = fileURLToPath(new URL('processes/writer.ts', import.meta.url));

type Line = { readonly values: readonly string[] } & (Answer | { readonly kind: 'attempt' });

/** Starts a writer whose lines go to the ledger; `onAnswer` is told how many answers there were. */
async function run(
  args: readonly string[],
  ledger: Ledger,
  onAnswer: (answers: number, child: ChildProcess) => void,
): Promise<{
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  readonly errors: string;
}> {
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const closed = once(child, 'close');
  let answers = 0;
  for await (const text of createInterface({ input: child.stdout })) {
    // What a killed process was saying may be cut off; half a line is no answer.
    if (!text.endsWith('}')) continue;
    const line = JSON.parse(text) as Line;
    if (line.kind === 'attempt') ledger.attempt(line.values);
    else {
      ledger.answer(line.values, line);
      onAnswer(++answers, child);
    }
  }
  const [exitCode, signal] = (await closed) as [number | null, NodeJS.Signals | null];
  return { exitCode, signal, errors: Buffer.concat(errors).toString() };
}

if (DYNOXIDE_PATH === undefined) {
  describe('8 processes', () => {
    it.skip(`(skipped: ${NO_DYNOXIDE})`);
  });
} else {
  describe('8 processes', () => {
    let dynamodb: Emulator;
    let s3: FakeS3;
    let items: ItemStore;
    beforeAll(async () => {
      [dynamodb, s3] = await Promise.all([startDynoxide(), startFakeS3()]);
      items = openEmulatedStore(dynamodb.endpoint);
    });
    afterAll(async () => {
      await items.close();
      await Promise.all([dynamodb.close(), s3.close()]);
    });

    it('on one partition, one of them killed', { timeout: 120_000 }, async () => {
      const files = createS3ObjectStore({ client: s3.client, bucket: BUCKET });
      const world = await World.open({ items, files, clock: createJumpingClock(Date.now()) });
      const runs = Array.from({ length: PROCESSES }, (_, writer) => {
        const args = [dynamodb.endpoint, s3.endpoint, writer.toString(), BATCHES_EACH.toString()];
        return run(args, world.ledger, (answers, child) => {
          if (writer === 0 && answers === ANSWERS_BEFORE_KILL) void stop(child);
        });
      });
      const [killed, ...others] = await Promise.all(runs);
      expect(killed).toMatchObject({ signal: 'SIGKILL' });
      expect(others).toEqual(others.map(() => ({ exitCode: 0, signal: null, errors: '' })));
      expect(world.ledger.stored).toBeGreaterThanOrEqual((PROCESSES - 1) * BATCHES_EACH);
      expect(world.ledger.refused).toBe(0);
      await world.check();
      // Rolled, sealed, and in every kind of place.
      expect((await files.list('segments/', undefined, 100)).length).toBeGreaterThanOrEqual(2);
      expect((await files.list('hot/', undefined, 100)).length).toBeGreaterThanOrEqual(1);
    });
  });
}
