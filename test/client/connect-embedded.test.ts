// The log in this process: made where it is not there, kept for the next, and nobody else's meanwhile.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectEmbedded } from '../../lib/client/connect.ts';
import { first } from './support/subjects.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'wadi-client-')), 'data');
});

afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

describe('an embedded client', () => {
  it('keeps what it was given for the next one, and makes topics by their first record', async () => {
    const writing = await connectEmbedded({ dataDir });
    await writing
      .producer({ compression: 'zstd' })
      .send({ topic: 'orders', messages: [{ value: 'a' }, { value: 'b' }] });
    await writing.close();
    const reading = await connectEmbedded({ dataDir });
    const consumer = reading.consumer({ autoOffsetReset: 'earliest' });
    await consumer.assign([{ topic: 'orders', partition: 0 }]);
    expect((await first(2, consumer)).map(({ value }) => value?.toString())).toEqual(['a', 'b']);
    await reading.close();
  });

  it('has its directory for itself', async () => {
    const client = await connectEmbedded({ dataDir });
    await expect(connectEmbedded({ dataDir })).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      retriable: false,
    });
    await client.close();
    await (await connectEmbedded({ dataDir })).close();
  });

  it('closes what it made, once', async () => {
    const client = await connectEmbedded({ dataDir });
    const producer = client.producer({ lingerMs: 60_000 });
    const sent = producer.send({ topic: 'orders', messages: [{ value: 'a' }] });
    await Promise.all([client.close(), client.close()]);
    expect((await sent)[0]?.offset).toBe(0);
    await expect(producer.send({ topic: 'orders', messages: [{ value: 'b' }] })).rejects.toThrow(
      'disconnected',
    );
  });
});
