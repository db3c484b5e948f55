// Decorators that make stores fail as real ones do, by plan: for tests and simulations. No time passes and no dice roll.
import { assert } from '../base/assert.ts';
import { BrokerError } from '../base/errors.ts';
import type { Item, ItemStore, TableName } from './ports/item-store.ts';
import type { ObjectStore } from './ports/object-store.ts';

/** One request, as a plan sees it before it is sent. */
export interface FaultyCall {
  readonly store: 'items' | 'objects';
  readonly method: Exclude<keyof ItemStore | keyof ObjectStore, 'close'>;
  readonly isWrite: boolean;
  /** 1 for the first write of the process, over both stores; for a read, of the last write before it. */
  readonly writeNumber: number;
  /** 1 for the first request of the process, over both stores. */
  readonly callNumber: number;
  /** Of items: the table, of a transaction its first. */
  readonly table: TableName | undefined;
  /** Of objects: the key, the prefix of a list or the first key of a delete; of items: the partition key, if there is one. */
  readonly key: string | undefined;
}

/**
 * What befalls a request.
 * - `crash`: the process dies, before the request is applied or after. This call and every later one throw ProcessCrash.
 * - `loseAnswer`: applied, then REQUEST_TIMED_OUT with outcome unknown.
 * - `refuse`: not sent; `error` is thrown.
 * - `delay`: REQUEST_TIMED_OUT with outcome unknown at once; the request arrives after `writes` later writes of any kind,
 *   or when `release` is called. What it then answers nobody sees.
 */
export type Fault =
  | { readonly kind: 'crash'; readonly isApplied: boolean }
  | { readonly kind: 'loseAnswer' }
  | { readonly kind: 'refuse'; readonly error: BrokerError }
  | { readonly kind: 'delay'; readonly writes: number };

/** Decides what befalls each request; undefined: nothing. */
export type FaultPlan = (call: FaultyCall) => Fault | undefined;

/** Thrown by a store whose process has died by plan. It is no BrokerError: nobody in that process may handle it. */
export class ProcessCrash extends Error {
  override readonly name = 'ProcessCrash';
}

/** One process in front of its stores. After a crash, its stores are of no more use; `inner` ones are as they were. */
export interface FaultyProcess {
  items(inner: ItemStore): ItemStore;
  objects(inner: ObjectStore): ObjectStore;
  /** Lets every delayed request arrive, in the order in which they were sent. */
  release(): Promise<void>;
  /** How many writes were called, those refused included. */
  readonly writes: number;
  readonly isCrashed: boolean;
}

/** The refusal of DynamoDB or S3 that asks to come back later. */
export const throttling = (): Fault => ({
  kind: 'refuse',
  error: new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'throttled by plan'),
});

/** The 503 of a store that is not available. */
export const unavailable = (): Fault => ({
  kind: 'refuse',
  error: new BrokerError('KAFKA_STORAGE_ERROR', 'not available by plan'),
});

/** A process that dies at its n-th write. */
export const crashAtWrite =
  (writeNumber: number, isApplied: boolean): FaultPlan =>
  (call) =>
    call.isWrite && call.writeNumber === writeNumber ? { kind: 'crash', isApplied } : undefined;

/** A process whose requests fail as `plan` says. The same plan and the same calls give the same failures. */
export function createFaultyProcess(plan: FaultPlan): FaultyProcess {
  const faults = new Faults(plan);
  return {
    items: (inner) => faultyItems(inner, faults),
    objects: (inner) => faultyObjects(inner, faults),
    release: () => faults.release(),
    get writes() {
      return faults.writes;
    },
    get isCrashed() {
      return faults.isCrashed;
    },
  };
}

type Subject = Pick<FaultyCall, 'store' | 'method' | 'isWrite' | 'table' | 'key'>;

interface Delayed {
  readonly untilWrite: number;
  readonly send: () => Promise<unknown>;
}

class Faults {
  readonly #plan: FaultPlan;
  #delayed: Delayed[] = [];
  #calls = 0;
  writes = 0;
  isCrashed = false;

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  async run<Result>(subject: Subject, send: () => Promise<Result>): Promise<Result> {
    this.#checkAlive();
    this.#calls++;
    if (subject.isWrite) this.writes++;
    const number = this.writes;
    const fault = this.#plan({ ...subject, writeNumber: number, callNumber: this.#calls });
    try {
      return await this.#runWith(fault, subject, send);
    } finally {
      if (subject.isWrite) await this.#arrive((delayed) => delayed.untilWrite <= number);
    }
  }

  release(): Promise<void> {
    return this.#arrive(() => true);
  }

  async #runWith<Result>(
    fault: Fault | undefined,
    subject: Subject,
    send: () => Promise<Result>,
  ): Promise<Result> {
    switch (fault?.kind) {
      case undefined: {
        const result = await send();
        this.#checkAlive();
        return result;
      }
      case 'crash':
        this.isCrashed = true;
        if (fault.isApplied) await send();
        throw crashed();
      case 'loseAnswer':
        await send();
        throw lost(subject);
      case 'refuse':
        throw fault.error;
      case 'delay':
        assert(fault.writes >= 1, `a delay past ${fault.writes} writes`);
        this.#delayed.push({ untilWrite: this.writes + fault.writes, send });
        throw lost(subject);
    }
  }

  async #arrive(isDue: (delayed: Delayed) => boolean): Promise<void> {
    const due = this.#delayed.filter(isDue);
    this.#delayed = this.#delayed.filter((delayed) => !due.includes(delayed));
    for (const { send } of due) {
      await send().catch((error: unknown) => {
        // The store may refuse what comes late, and nobody is there to hear it; anything else is a mistake of ours.
        if (!(error instanceof BrokerError)) throw error;
      });
    }
  }

  #checkAlive(): void {
    if (this.isCrashed) throw crashed();
  }
}

const crashed = (): ProcessCrash => new ProcessCrash('the process has died by plan');

const lost = ({ store, method }: Subject): BrokerError =>
  new BrokerError('REQUEST_TIMED_OUT', `no answer to ${method} of ${store}, by plan`, { outcome: 'unknown' });

function pkOf({ pk }: Item): string | undefined {
  return typeof pk === 'string' ? pk : undefined;
}

function faultyItems(inner: ItemStore, faults: Faults): ItemStore {
  const run = <Result>(
    method: FaultyCall['method'],
    isWrite: boolean,
    [table, key]: readonly [table: TableName | undefined, key: string | undefined],
    send: () => Promise<Result>,
  ) => faults.run({ store: 'items', method, isWrite, table, key }, send);
  return {
    get: (...call) => run('get', false, [call[0], call[1].pk], () => inner.get(...call)),
    getMany: (...call) => run('getMany', false, [call[0], call[1][0]?.pk], () => inner.getMany(...call)),
    query: (...call) => run('query', false, [call[0], call[1]], () => inner.query(...call)),
    scan: (...call) => run('scan', false, [call[0], undefined], () => inner.scan(...call)),
    put: (...call) => run('put', true, [call[0], pkOf(call[1])], () => inner.put(...call)),
    update: (...call) => run('update', true, [call[0], call[1].pk], () => inner.update(...call)),
    delete: (...call) => run('delete', true, [call[0], call[1].pk], () => inner.delete(...call)),
    transact: (...call) =>
      run('transact', true, [call[0][0]?.table, undefined], () => inner.transact(...call)),
    close: () => inner.close(),
  };
}

function faultyObjects(inner: ObjectStore, faults: Faults): ObjectStore {
  const run = <Result>(
    method: FaultyCall['method'],
    isWrite: boolean,
    key: string | undefined,
    send: () => Promise<Result>,
  ) => faults.run({ store: 'objects', method, isWrite, table: undefined, key }, send);
  return {
    put: (...call) => run('put', true, call[0], () => inner.put(...call)),
    get: (...call) => run('get', false, call[0], () => inner.get(...call)),
    list: (...call) => run('list', false, call[0], () => inner.list(...call)),
    delete: (...call) => run('delete', true, call[0][0], () => inner.delete(...call)),
    close: () => inner.close(),
  };
}
