// What is delivered, what is committed, and what happens to both where calls meet or a process dies between two writes.
import { beforeEach, describe, expect, it } from 'vitest';
import { BrokerError } from '../../../lib/base/errors.ts';
import type { ItemStore } from '../../../lib/storage/ports/item-store.ts';
import { createProcesses, JSON_V2, type Process, type Processes } from '../support/consumer-processes.ts';

let world: Processes;
let first: Process;
let second: Process;

beforeEach(async () => {
  world = await createProcesses();
  [first, second] = world.processes;
});

async function assigned(process: Process, fields: object = {}, partitions = [0]): Promise<string> {
  const base = await process.createConsumer('g', 'c', fields);
  await process.post(`${base}/assignments`, {
    partitions: partitions.map((partition) => ({ topic: 'orders', partition })),
  });
  return base;
}

const committed = async (): Promise<Record<number, number>> => {
  const offsets = await first.broker.groups.fetchOffsets({ groupId: 'g' });
  return Object.fromEntries(offsets.map(({ partition, offset }) => [partition, offset]));
};

const place = { topic: 'orders', partition: 0 };

describe('committing by itself', () => {
  it('happens with the next read, and with closing', async () => {
    const base = await assigned(first);
    await first.produce('orders', 0, [1, 2]);
    expect(await first.read(base)).toEqual([1, 2]);
    expect(await committed()).toEqual({});
    expect(await second.read(base)).toEqual([]);
    expect(await committed()).toEqual({ 0: 2 });
    await first.produce('orders', 0, [3]);
    expect(await second.read(base)).toEqual([3]);
    await first.remove(base);
    expect(await committed()).toEqual({ 0: 3 });
    const next = await assigned(first);
    await first.produce('orders', 0, [4]);
    expect(await first.read(next)).toEqual([4]);
  });

  it('happens once: a read that finds nothing new commits nothing', async () => {
    const base = await assigned(first);
    await first.produce('orders', 0, [1]);
    await first.read(base);
    let commits = 0;
    first.interfere.commit = () => {
      commits++;
    };
    for (let count = 0; count < 3; count++) await first.read(base);
    expect(commits).toBe(1);
  });

  it('does not happen where it is turned off: what is not committed comes again', async () => {
    const base = await assigned(first, { 'auto.commit.enable': false });
    await first.produce('orders', 0, [1, 2]);
    expect(await first.read(base)).toEqual([1, 2]);
    expect(await first.read(base)).toEqual([]);
    await first.remove(base);
    expect(await committed()).toEqual({});
    expect(await first.read(await assigned(first))).toEqual([1, 2]);
  });

  it('does not fail a read where the group now has members', async () => {
    const base = await assigned(first);
    await first.produce('orders', 0, [1]);
    expect(await first.read(base)).toEqual([1]);
    const member = await second.createConsumer('g', 'member');
    await second.post(`${member}/subscription`, { topics: ['jsontest'] });
    await second.read(member);
    await first.produce('orders', 0, [2]);
    expect(await first.read(base)).toEqual([2]);
    expect(await committed()).not.toHaveProperty('0', 1);
  });
});

describe('committing by hand', () => {
  it('commits what was delivered, or the offsets after those given', async () => {
    const base = await assigned(first, { 'auto.commit.enable': 'false' }, [0, 1]);
    await first.produce('orders', 0, [1, 2, 3]);
    await first.read(base);
    expect(await second.post(`${base}/offsets`)).toMatchObject({ status: 200, json: [] });
    expect(await committed()).toEqual({ 0: 3, 1: 0 });
    const offsets = [{ ...place, offset: 0, metadata: 'note' }];
    expect((await first.post(`${base}/offsets?async=true`, { offsets })).status).toBe(200);
    expect((await second.get(`${base}/offsets?topic=orders&partition=0`)).json).toEqual({
      offsets: [{ ...place, offset: 1, metadata: 'note' }],
    });
    expect((await first.post(`${base}/offsets`, { offsets: [] })).status).toBe(200);
    expect(await committed()).toEqual({ 0: 1, 1: 0 });
  });

  it('is refused to who is no member of a group that has some', async () => {
    const member = await second.createConsumer('g', 'member');
    await second.post(`${member}/subscription`, { topics: ['orders'] });
    await second.read(member);
    const base = await assigned(first, { 'auto.commit.enable': 'false' });
    const refused = await first.post(`${base}/offsets`, { offsets: [{ ...place, offset: 0 }] });
    expect(refused).toMatchObject({ status: 409, json: { error_code: 40903 } });
  });
});

describe('positions', () => {
  it('begin as auto.offset.reset says, and stay there while nothing comes', async () => {
    await first.produce('orders', 0, ['before']);
    const latest = await assigned(first, { 'auto.offset.reset': 'latest' });
    expect(await first.read(latest)).toEqual([]);
    await first.produce('orders', 0, ['after']);
    expect(await second.read(latest)).toEqual(['after']);
    const none = await second.createConsumer('other', 'c', { 'auto.offset.reset': 'none' });
    await second.post(`${none}/assignments`, { partitions: [place] });
    const refused = await second.get(`${none}/records?timeout=0`, JSON_V2);
    expect(refused).toMatchObject({ status: 416, json: { error_code: 41601 } });
    await second.post(`${none}/positions`, { offsets: [{ ...place, offset: 1 }] });
    expect(await second.read(none)).toEqual(['after']);
  });

  it('are the committed ones of each topic', async () => {
    await first.produce('orders', 0, [1, 2, 3]);
    await first.produce('jsontest', 0, [10, 20, 30]);
    const offsets = [
      { topic: 'jsontest', partition: 0, offset: 1 },
      { topic: 'orders', partition: 0, offset: 2 },
    ];
    await first.broker.groups.commitOffsets({
      ...{ groupId: 'g', memberId: '', generationOrMemberEpoch: -1, offsets },
    });
    const base = await first.createConsumer('g', 'c');
    await first.post(`${base}/assignments`, { partitions: [place, { topic: 'jsontest', partition: 0 }] });
    expect(await first.read(base)).toEqual([3, 20, 30]);
  });

  it('out of range are reset, or told where that is not wanted', async () => {
    await first.produce('orders', 0, [1]);
    const base = await assigned(first);
    await first.post(`${base}/positions`, { offsets: [{ ...place, offset: 100 }] });
    expect(await first.read(base)).toEqual([1]);
    const none = await second.createConsumer('other', 'c', { 'auto.offset.reset': 'none' });
    await second.post(`${none}/assignments`, { partitions: [place] });
    await second.post(`${none}/positions`, { offsets: [{ ...place, offset: 100 }] });
    expect(await second.get(`${none}/records?timeout=0`, JSON_V2)).toMatchObject({
      status: 416,
      json: { error_code: 41601, beginning_offset: 0, end_offset: 1 },
    });
  });

  it('of partitions that stay assigned are kept; those of others are committed', async () => {
    const base = await assigned(first, {}, [0, 1]);
    await first.produce('orders', 0, [1]);
    await first.produce('orders', 1, [2]);
    await first.read(base);
    await first.post(`${base}/assignments`, {
      partitions: [
        { topic: 'orders', partition: 1 },
        { topic: 'orders', partition: 2 },
      ],
    });
    expect(await committed()).toEqual({ 0: 1, 1: 1 });
    await first.produce('orders', 1, [3]);
    expect(await first.read(base)).toEqual([3]);
  });

  it('that a seek sets while a read waits are those that count', async () => {
    await first.produce('orders', 0, [1]);
    const base = await assigned(first);
    expect(await first.read(base)).toEqual([1]);
    const waiting = first.read(base, 'timeout=3000');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await second.post(`${base}/positions/beginning`, { partitions: [place] });
    await second.produce('orders', 0, [2]);
    expect(await waiting).toEqual([1, 2]);
  });

  it('of a topic that was made anew are not those of the old one', async () => {
    await first.produce('orders', 0, ['old']);
    const base = await assigned(first);
    expect(await first.read(base)).toEqual(['old']);
    await first.broker.deleteTopic('orders');
    expect(await first.read(base)).toEqual([]);
    await first.broker.createTopic({ name: 'orders', partitions: 4 });
    await first.produce('orders', 0, ['new']);
    await first.post(`${base}/assignments`, { partitions: [place] });
    expect(await first.read(base)).toEqual(['new']);
  });
});

describe('an answer', () => {
  it('holds max_bytes of keys and values, one record excepted, and gives each partition its turn', async () => {
    const base = await assigned(first, {}, [0, 1, 2]);
    for (const partition of [0, 1, 2])
      await first.produce('orders', partition, [`a${partition}`, `b${partition}`]);
    const answers: unknown[][] = [];
    for (let count = 0; count < 6; count++) answers.push(await first.read(base, 'timeout=0&max_bytes=1'));
    expect(answers).toEqual([['a0'], ['a1'], ['a2'], ['b0'], ['b1'], ['b2']]);
  });

  it('is not given to a client that has gone: the records come with the next read', async () => {
    const base = await assigned(first);
    const gone = new AbortController();
    const url = `http://127.0.0.1${base}/records?timeout=5000`;
    const waiting = first.api.app.request(url, { headers: { accept: JSON_V2 }, signal: gone.signal });
    await new Promise((resolve) => setTimeout(resolve, 100));
    gone.abort();
    await first.produce('orders', 0, [1]);
    expect(await (await waiting).json()).toEqual([]);
    const late = await first.api.app.request(url, { headers: { accept: JSON_V2 }, signal: gone.signal });
    expect(await late.json()).toEqual([]);
    expect(await first.read(base)).toEqual([1]);
  });
});

describe('calls that meet', () => {
  it('begin again, and are told where others are always first', async () => {
    const base = await assigned(first);
    const id = { groupId: 'g', name: 'c' };
    let others = 2;
    first.interfere.replace = async () => {
      if (others-- <= 0) return;
      const seen = await second.broker.instances.get(id);
      if (seen) await second.broker.instances.replace(id, seen, seen.instance);
    };
    await first.produce('orders', 0, [1]);
    expect(await first.read(base)).toEqual([1]);
    others = Infinity;
    await first.produce('orders', 0, [2]);
    const busy = await first.get(`${base}/records?timeout=0`, JSON_V2);
    expect(busy).toMatchObject({ status: 409, json: { error_code: 40904, outcome: 'not-applied' } });
    first.interfere.replace = () => undefined;
    expect(await first.read(base)).toEqual([2]);
  });

  it('do not write the consumer anew each time it is used', async () => {
    const base = await assigned(first);
    // The first finds the position, the second commits it.
    await first.read(base);
    await first.read(base);
    let writes = 0;
    first.interfere.replace = () => {
      writes++;
    };
    for (let count = 0; count < 5; count++) await first.get(`${base}/assignments`);
    await first.read(base);
    expect(writes).toBe(0);
  });
});

/** Fails the n-th write from when it is armed, before or after it was applied: as for a process that dies there. */
class Crash {
  #left = Infinity;
  #isApplied = false;
  isOver = false;

  arm(write: number, isApplied: boolean): void {
    this.#left = write;
    this.#isApplied = isApplied;
    this.isOver = false;
  }

  wrap(items: ItemStore): ItemStore {
    return {
      ...bound(items),
      put: (...parameters) => this.#write(() => items.put(...parameters)),
      update: (...parameters) => this.#write(() => items.update(...parameters)),
      delete: (...parameters) => this.#write(() => items.delete(...parameters)),
      transact: (...parameters) => this.#write(() => items.transact(...parameters)),
    };
  }

  async #write<T>(write: () => Promise<T>): Promise<T> {
    if (--this.#left !== 0) return write();
    this.isOver = true;
    if (this.#isApplied) await write();
    throw new BrokerError('REQUEST_TIMED_OUT', 'the process died', { outcome: 'unknown' });
  }
}

const bound = (items: ItemStore): ItemStore => ({
  get: items.get.bind(items),
  getMany: items.getMany.bind(items),
  query: items.query.bind(items),
  scan: items.scan.bind(items),
  put: items.put.bind(items),
  update: items.update.bind(items),
  delete: items.delete.bind(items),
  transact: items.transact.bind(items),
  close: items.close.bind(items),
});

describe('a process that dies', () => {
  const crash = new Crash();
  const VALUES = ['a', 'b', 'c', 'd', 'e', 'f'];
  let processes: Processes['processes'];
  let base: string;

  beforeEach(async () => {
    crash.arm(0, false);
    processes = (await createProcesses({ wrapItems: (items) => crash.wrap(items) })).processes;
    base = await processes[0].createConsumer('g', 'c', { 'auto.commit.enable': 'false' });
    await processes[0].post(`${base}/subscription`, { topics: ['orders'] });
    await processes[0].produce('orders', 0, VALUES);
  });

  /** Reads two records, commits them, and so on; after a failure another process goes on at what is committed. */
  async function work(): Promise<{ done: unknown[]; failures: number }> {
    const done: unknown[] = [];
    let at = 0;
    let failures = 0;
    for (let step = 0; step < 40 && !(await isAllCommitted()); step++) {
      const process = processes[at % 2] ?? processes[0];
      const answer = await process.get(`${base}/records?timeout=0&max_bytes=2`, JSON_V2);
      const values =
        answer.status === 200 ? (answer.json as { value: unknown }[]).map(({ value }) => value) : [];
      // What was answered is done, whatever becomes of the commit.
      done.push(...values);
      const commit = answer.status === 200 ? await process.post(`${base}/offsets`, {}) : answer;
      if (commit.status === 200) continue;
      failures++;
      at++;
      await seekBack(processes[at % 2] ?? processes[0]);
    }
    return { done, failures };
  }

  const isAllCommitted = async (): Promise<boolean> => {
    const offsets = await processes[1].broker.groups.fetchOffsets({ groupId: 'g' });
    return offsets.some(({ partition, offset }) => partition === 0 && offset === VALUES.length);
  };

  async function seekBack(process: Process): Promise<void> {
    const { json } = await process.get(`${base}/offsets?topic=orders`);
    const { offsets } = json as { offsets: { topic: string; partition: number; offset: number }[] };
    const [known] = offsets.filter(({ partition }) => partition === 0);
    const offset = known?.offset ?? 0;
    // Refused where the consumer owns nothing yet: then nothing was delivered.
    await process.post(`${base}/positions`, { offsets: [{ ...place, offset }] });
  }

  it.each([
    ['before', false],
    ['after', true],
  ])(
    '%s any of its writes loses no record',
    async (_, isApplied) => {
      let crashes = 0;
      for (let write = 1; ; write++) {
        crash.arm(write, isApplied);
        const { done, failures } = await work();
        if (!crash.isOver) break;
        crashes++;
        expect(new Set(done), `write ${write}`).toEqual(new Set(VALUES));
        // Nothing is done out of order but after a failure.
        if (failures === 0) expect(done).toEqual(VALUES);
        crash.arm(0, false);
        await processes[0].remove(base);
        await processes[0].broker.groups.deleteGroup('g');
        await processes[0].createConsumer('g', 'c', { 'auto.commit.enable': 'false' });
        await processes[0].post(`${base}/subscription`, { topics: ['orders'] });
      }
      expect(crashes).toBeGreaterThan(5);
    },
    60_000,
  );

  it('leaves a member that another process goes on as', async () => {
    const [a, b] = processes;
    expect(await a.read(base)).toEqual(VALUES);
    await new Promise((resolve) => setTimeout(resolve, 60));
    a.interfere.heartbeatAnswer = () => {
      throw new BrokerError('REQUEST_TIMED_OUT', 'the process died', { outcome: 'unknown' });
    };
    expect((await a.get(`${base}/records?timeout=0`, JSON_V2)).status).toBe(500);
    await b.produce('orders', 0, ['g']);
    expect(await b.read(base)).toEqual(['g']);
    expect((await b.broker.groups.describeGroup('g')).members).toHaveLength(1);
  });
});
