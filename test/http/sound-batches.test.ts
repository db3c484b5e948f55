// What is damaged in the store does not leave as JSON: neither as records nor as events.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { soundBatches } from '../../lib/http/sound-batches.ts';
import { placeBatch } from '../../lib/record/batch-header.ts';
import { encodeBatch } from '../../lib/record/record-batch.ts';
import { createApi } from './support/api.ts';

const batchAt = (offset: number, value: string): Uint8Array => {
  const batch = encodeBatch([{ key: null, value: Buffer.from(value), headers: [], timestampMs: 0 }]);
  placeBatch(batch, offset, 0);
  return batch;
};

/** With one byte of its last record changed. */
function damaged(batch: Uint8Array): Uint8Array {
  const copy = new Uint8Array(batch);
  copy[copy.length - 2] = (copy.at(-2) ?? 0) ^ 1;
  return copy;
}

describe('batches that were read', () => {
  const [first, second] = [batchAt(5, 'first'), batchAt(6, 'second')];

  it('pass where their checksums hold', () => {
    const both = Buffer.concat([first, second]);
    expect(soundBatches('t-0', both)).toBe(both);
    expect(soundBatches('t-0', new Uint8Array())).toEqual(new Uint8Array());
  });

  it('pass up to the first that is damaged', () => {
    expect(soundBatches('t-0', Buffer.concat([first, damaged(second)]))).toEqual(Buffer.from(first));
  });

  it('are refused where that is the first', () => {
    const read = () => soundBatches('t-0', Buffer.concat([damaged(first), second]));
    expect(read).toThrow(BrokerError);
    expect(read).toThrow(/batch at offset 5 of t-0 is damaged where it is stored/);
  });
});

describe('a damaged batch', () => {
  const openDamaged = async () => {
    const api = await createApi();
    const fetch = api.broker.fetch.bind(api.broker);
    api.broker.fetch = async (request) => {
      const fetched = await fetch(request);
      return fetched.batches.length === 0 ? fetched : { ...fetched, batches: damaged(fetched.batches) };
    };
    await api.produce('/topics/orders/partitions/0', [{ value: 'a' }]);
    return api;
  };

  it('is an error of the server to those who read records', async () => {
    const api = await openDamaged();
    expect(await api.get('/topics/orders/partitions/0/records?offset=0')).toMatchObject({
      status: 500,
      json: { kafka_error: 'CORRUPT_MESSAGE', message: expect.stringContaining('orders-0') as string },
    });
  });

  it('ends a stream', async () => {
    const api = await openDamaged();
    const { text } = await api.get('/topics/orders/records/stream?from=earliest&format=json');
    expect(text).toContain('event: stream-error');
    expect(text).toContain('CORRUPT_MESSAGE');
    expect(text).not.toContain('"value"');
  });
});
