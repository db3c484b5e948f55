// One run of the model: the actors of one seed on one partition.
import { Audit } from './audit.ts';
import { Clients } from './clients.ts';
import { createDice } from './dice.ts';
import { Network } from './network.ts';
import { readOn, type Reader } from './reader.ts';
import { rollNow } from './roller.ts';
import { rulesWithout, type RuleName } from './rules.ts';
import { collectNow, mergeNow, sealNow } from './sealer.ts';
import { Table } from './table.ts';
import { WORKLOADS, type WorkloadName } from './workload.ts';
import type { World } from './world.ts';
import { write } from './writer.ts';

const STEPS_MAX = 40_000;
/** Nothing new is begun in the background while so many requests are under way, or so many stalled: writers would starve. */
const REQUESTS_MAX = { soon: 25, late: 40 };

export interface RunOptions {
  readonly workload: WorkloadName;
  readonly without?: readonly RuleName[];
  readonly isTraced?: boolean;
}

export interface RunResult {
  readonly violations: readonly string[];
  /** False: it was ended before its time, as requests went on and on. */
  readonly isDone: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
}

/** Runs one seed to its end or its first violation. */
export function run(seed: number, { workload: name, without = [], isTraced = false }: RunOptions): RunResult {
  const dice = createDice(seed);
  const workload = WORKLOADS[name](dice);
  const rules = rulesWithout(without);
  const audit = new Audit({ isTraced });
  const table = new Table(rules, workload, dice, audit);
  const network = new Network(table, workload, dice, audit);
  const clients = new Clients(rules, workload, dice);
  const world: World = { rules, workload, dice, audit, clients, network, busyWriters: workload.writers };
  const readers = Array.from({ length: workload.readers }, () => ({ offset: 0, isReading: false }));

  for (let i = 0; i < workload.writers; i++) network.resume(write(world));
  let steps = 0;
  while (!network.isQuiet && audit.violations.length === 0 && steps++ < STEPS_MAX) {
    const isIdle = network.soon.length < REQUESTS_MAX.soon && network.late.length < REQUESTS_MAX.late;
    if (world.busyWriters > 0 && isIdle) begin(world, readers);
    network.deliverOne();
  }
  if (audit.violations.length === 0) audit.finished(table);
  const { violations, counts, trace = [] } = audit;
  return { violations, isDone: network.isQuiet || violations.length > 0, counts, trace };
}

/** Lets those who work in the background begin something. */
function begin(world: World, readers: readonly Reader[]): void {
  const { dice, workload, network } = world;
  if (dice.chance(workload.rolling)) network.resume(rollNow(world));
  if (dice.chance(workload.sealing)) network.resume(sealNow(world));
  if (dice.chance(workload.collecting)) network.resume(collectNow(world));
  if (dice.chance(workload.merging)) network.resume(mergeNow(world));
  if (dice.chance(workload.reading)) network.resume(readOn(world, dice.one(readers)));
  if (dice.chance(workload.retiring)) {
    network.post({ name: 'retire', isWrite: true, apply: (table) => table.retire() });
    network.post({ name: 'open', isWrite: true, apply: (table) => table.open() });
  }
}
