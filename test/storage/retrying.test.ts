// Which failures are repeated, how long it waits, when it gives up, and what it then says of the outcome.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import { createFaultyProcess, type Fault } from '../../lib/storage/faulty.ts';
import { append } from '../../lib/storage/ports/action.ts';
import { absent, notContains } from '../../lib/storage/ports/condition.ts';
import { retryItems, retryObjects, type RetryOptions } from '../../lib/storage/retrying.ts';

const throttled = (retryAfterMs?: number) =>
  new BrokerError(
    'THROTTLING_QUOTA_EXCEEDED',
    'slow down',
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
const refuse = (error: BrokerError): Fault => ({ kind: 'refuse', error });
const loseAnswer: Fault = { kind: 'loseAnswer' };

/** A store whose first requests meet `faults`, one each, on a clock that only sleeping moves, `frozenMs` more each time. */
function setUp(
  faults: readonly (Fault | undefined)[],
  { frozenMs = 0, ...options }: Partial<RetryOptions> & { readonly frozenMs?: number } = {},
) {
  const pauses: number[] = [];
  let nowMs = 0;
  let calls = 0;
  const clock = {
    now: () => nowMs,
    sleep: (durationMs: number) => {
      pauses.push(durationMs);
      nowMs += durationMs + frozenMs;
      return Promise.resolve();
    },
  };
  const dice = { random: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
  const faulty = createFaultyProcess(() => faults[calls++]);
  const retries = { clock, dice, ...options };
  const inner = createMemoryItemStore({ clock });
  const items = retryItems(faulty.items(inner), retries);
  const objects = retryObjects(faulty.objects(createMemoryObjectStore({ clock })), retries);
  return { items, objects, inner, pauses, calls: () => calls };
}

const key = { pk: 'k' };
const always = (fault: Fault) => Array.from({ length: 100 }, () => fault);

describe('retrying', () => {
  it('waits up to twice as long each time, by the dice', async () => {
    const { items, pauses } = setUp(always(refuse(throttled())).slice(0, 7));
    expect((await items.put('heads', key)).applied).toBe(true);
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 500]);
  });

  it('waits as long as the store asks', async () => {
    const { items, pauses } = setUp([refuse(throttled(1500)), refuse(throttled(1))]);
    await items.get('heads', key);
    expect(pauses).toEqual([1500, 20]);
  });

  it('gives up after its attempts, with the last error', async () => {
    const { items, calls } = setUp(always(refuse(throttled())), { attemptsMax: 3 });
    const refused = { code: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied', retriable: true };
    await expect(items.put('heads', key)).rejects.toMatchObject(refused);
    expect(calls()).toBe(3);
  });

  it('never waits past its budget', async () => {
    const { items, pauses } = setUp(always(refuse(throttled())), { attemptsMax: 100, budgetMs: 100 });
    await expect(items.put('heads', key)).rejects.toThrow('slow down');
    expect(pauses).toEqual([10, 20, 40]);
  });

  it('does not repeat what is refused for good, nor what is no BrokerError', async () => {
    const tooLarge = new BrokerError('MESSAGE_TOO_LARGE', 'too large');
    const refused = setUp([refuse(tooLarge)]);
    await expect(refused.items.put('heads', key)).rejects.toBe(tooLarge);
    const crashed = setUp([{ kind: 'crash', isApplied: false }]);
    await expect(crashed.items.put('heads', key)).rejects.toThrow('died');
    expect([refused.calls(), crashed.calls()]).toEqual([1, 1]);
  });

  it('says unknown where any attempt may have been applied', async () => {
    const tooLarge = new BrokerError('MESSAGE_TOO_LARGE', 'too large');
    for (const last of [refuse(throttled()), refuse(tooLarge)]) {
      const { items, inner } = setUp([loseAnswer, last], { attemptsMax: 2 });
      await expect(items.put('heads', key)).rejects.toMatchObject({ outcome: 'unknown' });
      expect(await inner.get('heads', key)).toEqual(key);
    }
  });

  it('answers a conditional write that met its own effect with that effect as current', async () => {
    const { items } = setUp([loseAnswer]);
    const put = await items.put('heads', { ...key, by: 'me' }, absent('pk'));
    expect(put).toEqual({ applied: false, isRepeated: true, current: { ...key, by: 'me' } });
  });

  it('applies once what its condition allows once', async () => {
    const { items, inner } = setUp([loseAnswer, loseAnswer, refuse(throttled()), loseAnswer]);
    const entry = Uint8Array.of(1, 2);
    await items.update('heads', key, [append('tail', [entry])], notContains('tail', entry));
    expect(await inner.get('heads', key)).toEqual({ ...key, tail: [entry] });
  });

  it('repeats a transaction under its request id', async () => {
    const { items, inner } = setUp([loseAnswer]);
    const write = { kind: 'update', table: 'heads', key, actions: [append('tail', [1])] } as const;
    expect(await items.transact([write], 'request')).toEqual({ applied: true });
    expect((await inner.get('heads', key))?.['tail']).toEqual([1]);
  });

  it('repeats every method of both ports', async () => {
    const lost = setUp(
      Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? refuse(throttled()) : undefined)),
    );
    const { items, objects } = lost;
    await items.put('groups', { pk: 'p', sk: 's' });
    await items.update('groups', { pk: 'p', sk: 's' }, []);
    expect(await items.getMany('groups', [{ pk: 'p', sk: 's' }])).toEqual([{ pk: 'p', sk: 's' }]);
    expect(await items.query('groups', 'p', { limit: 1 })).toHaveLength(1);
    expect((await items.scan('groups', { limit: 9 })).items).toHaveLength(1);
    await items.delete('groups', { pk: 'p', sk: 's' });
    await objects.put('a', Uint8Array.of(1));
    expect(await objects.get('a')).toEqual(Uint8Array.of(1));
    expect(await objects.list('', undefined, 9)).toHaveLength(1);
    await objects.delete(['a']);
    expect(lost.calls()).toBe(20);
  });
});

describe('a process that is frozen between two attempts', () => {
  it('does not send what was right to write before', async () => {
    const { items, inner, calls } = setUp([refuse(throttled())], { frozenMs: 3_600_000 });
    await expect(items.put('heads', { pk: 'p' })).rejects.toMatchObject({
      ...{ code: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied' },
    });
    expect(calls()).toBe(1);
    expect(await inner.get('heads', { pk: 'p' })).toBeUndefined();
  });

  it('does not know what became of a write without an answer', async () => {
    const { items } = setUp([loseAnswer], { frozenMs: 3_600_000 });
    await expect(items.put('heads', { pk: 'p' })).rejects.toMatchObject({ outcome: 'unknown' });
  });
});
