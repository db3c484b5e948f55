// The store fails at the n-th write of an operation, for every n and in every way: what was acknowledged is there once, what
// was refused never is, and the log goes on.
import { describe, expect, it } from 'vitest';
import { ProcessCrash } from '../../lib/storage/faulty.ts';
import { FAULTS, OUTAGES } from './support/fault-plans.ts';
import { PARTITION_ID } from './support/small-limits.ts';
import { World, type AppendOptions, type Process } from './support/world.ts';

interface Scenario {
  /** Without faults, before. */
  readonly prepare?: (process: Process, world: World) => Promise<void>;
  /** What goes wrong; errors are answers here. */
  readonly act: (process: Process, world: World) => Promise<void>;
  /** Without faults, by another process, after: what a client would do next. */
  readonly recover?: (process: Process, world: World) => Promise<void>;
}

const appendEach = async (process: Process, names: readonly string[], options: AppendOptions = {}) => {
  for (const name of names) await process.append([`${name}-a`, `${name}-b`], options);
  await process.log.settle();
};

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

/** Batches of one producer, in order; as a client does, it sends none after one that it did not hear of. */
const idempotent = (producerId: bigint, count: number) => ({
  send: async (process: Process) => {
    const results = [];
    for (let at = 0; at < count; at++) {
      const options = { producerId, producerEpoch: 0, baseSequence: at };
      const result = await process.append([`p${producerId}-${at}`], options);
      results.push(result);
      if (result.kind === 'refused') break;
    }
    await process.log.settle();
    return results;
  },
});

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'appending what stays in the head': { act: (process) => appendEach(process, names('n', 3)) },
  'appending small objects': { act: (process) => appendEach(process, names('n', 3), { bytes: 100 }) },
  'appending large objects': { act: (process) => appendEach(process, names('n', 3), { bytes: 1_000 }) },
  'appending past a roll': {
    prepare: (process) => appendEach(process, names('before', 2)),
    act: (process) => appendEach(process, names('n', 4)),
  },
  'rolling with producers to spill': {
    prepare: async (process) => {
      for (const producerId of [1n, 2n, 3n]) await idempotent(producerId, 1).send(process);
    },
    act: async (process) => {
      for (const producerId of [4n, 5n, 6n]) await idempotent(producerId, 1).send(process);
    },
    recover: async (process) => {
      for (const producerId of [1n, 2n, 3n, 4n, 5n, 6n]) {
        expect(await idempotent(producerId, 1).send(process)).toMatchObject([{ kind: 'stored' }]);
      }
    },
  },
  'producing idempotently, then again by another process': {
    act: async (process) => {
      await idempotent(7n, 6).send(process);
    },
    recover: async (process, world) => {
      const results = await idempotent(7n, 6).send(process);
      expect(results.map(({ kind }) => kind)).toEqual(results.map(() => 'stored'));
      expect(await world.readAll()).toHaveLength(6);
    },
  },
  'sealing a log that has been rolled': {
    prepare: async (process) => {
      await appendEach(process, names('a', 5));
      await appendEach(process, names('b', 5), { bytes: 300 });
    },
    act: async (process) => {
      await process.log.seal(PARTITION_ID, { all: true });
    },
  },
  'sealing while another sealer does': {
    prepare: (process) => appendEach(process, names('a', 6), { bytes: 200 }),
    act: async (process, world) => {
      const sealed = [process, world.start()].map(({ log }) =>
        log.seal(PARTITION_ID, { all: true }).catch(toNothing),
      );
      await Promise.all(sealed);
    },
  },
  'appending and sealing at once': {
    prepare: (process) => appendEach(process, names('a', 5)),
    act: async (process) => {
      await Promise.all([
        appendEach(process, names('b', 5)),
        process.log.seal(PARTITION_ID, { all: true }).catch(toNothing),
      ]);
    },
  },
};

const toNothing = (error: unknown): void => {
  expect(error).toBeInstanceOf(Error);
};

/** More writes than any scenario makes: a loop that does not end is a mistake. */
const WRITES_MAX = 200;

async function fail(scenario: Scenario, plan: (n: number) => ReturnType<(typeof FAULTS)[string]>) {
  let points = 0;
  for (let n = 1; n < WRITES_MAX; n++) {
    const world = await World.open({ seed: n });
    await scenario.prepare?.(world.start(), world);
    const process = world.start(plan(n));
    await scenario.act(process, world).catch((error: unknown) => {
      // Of sealing and the like, whose callers try again; a process that has died says nothing.
      expect(process.faults.isCrashed || !(error instanceof ProcessCrash)).toBe(true);
    });
    if (process.faults.writes < n) break;
    points++;
    await scenario.recover?.(world.start(), world);
    await process.faults.release();
    await world.check();
  }
  return points;
}

describe.each(Object.entries(SCENARIOS))('%s', (_name, scenario) => {
  it.each(Object.entries({ ...FAULTS, ...OUTAGES }))(
    'survives a process that %s, at every write',
    async (_fault, plan) => {
      expect(await fail(scenario, plan)).toBeGreaterThanOrEqual(3);
    },
  );
});

describe('the check', () => {
  it('finds a record that was lost', async () => {
    const world = await World.open();
    world.ledger.attempt(['x']);
    world.ledger.answer(['x'], { kind: 'stored', baseOffset: 0 });
    await world.start().append(['y']);
    await expect(world.check()).rejects.toThrow(/x was acknowledged at 0, where y is/);
  });

  it('finds a record that is there twice', async () => {
    const world = await World.open();
    await world.start().append(['x']);
    await world.start().append(['x']).catch(toNothing);
    await expect(world.check()).rejects.toThrow(/x is there 2 times: 0, 1/);
  });

  it('finds a record that nobody sent, and one that was said not to be applied', async () => {
    const [world, other] = [await World.open(), new World()];
    await world.start().append(['x']);
    expect(other.ledger.violationsIn(await world.readAll())).toEqual(['x is there, which nobody has sent']);
    other.ledger.attempt(['x']);
    other.ledger.answer(['x'], { kind: 'refused', error: { outcome: 'not-applied' } });
    const refused = ['x is there, which was said not to be applied'];
    expect(other.ledger.violationsIn(await world.readAll())).toEqual(refused);
  });

  it('finds what a scrub finds', async () => {
    const world = await World.open();
    await world.start().append(['x'], { bytes: 1_000 });
    const [object] = await world.files.list('hot/', undefined, 1);
    await world.files.delete([object?.key ?? '']);
    await expect(world.check()).rejects.toThrow(/is gone/);
  });
});
