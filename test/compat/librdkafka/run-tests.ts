// Running tests of the suite: each number as a process of its own, with a limit of time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { BrokerTest, Scenario } from './broker-tests.ts';
import type { Suite } from './suite.ts';

/** Of one number: its tests together. */
const LIMIT_MS = 300_000;

/** The suite checks what the broker can do by its version. */
const KAFKA_VERSION = '4.2.0';

export interface Outcome {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  /** Empty for what passed. */
  readonly why: string;
}

export interface Bench {
  readonly suite: Suite;
  /** `host:port` of a server in that scenario. */
  readonly addresses: ReadonlyMap<Scenario, string>;
  /** Never in quick mode: it takes much longer. */
  readonly isFull: boolean;
  readonly onOutcomes: (outcomes: readonly Outcome[]) => void;
}

/** Runs tests, two numbers at a time, in their order. */
export async function runTests(bench: Bench, tests: readonly BrokerTest[]): Promise<readonly Outcome[]> {
  const groups = [...Map.groupBy(tests, ({ number, scenario }) => `${number} ${scenario}`).values()];
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let group = groups.shift(); group; group = groups.shift()) {
      const found = await runNumber(bench, group);
      outcomes.push(...found);
      bench.onOutcomes(found);
    }
  };
  await Promise.all([work(), work()]);
  return outcomes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Runs tests once more, one after the other with nothing beside them: some of the suite measure time to 30 ms, which a busy
 * machine fails. What passes says so.
 */
export async function runAgain(bench: Bench, tests: readonly BrokerTest[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const test of tests) {
    const found = (await runNumber(bench, [test])).map((outcome) =>
      outcome.state === 'passed' ? { ...outcome, why: 'at the second try, alone' } : outcome,
    );
    outcomes.push(...found);
    bench.onOutcomes(found);
  }
  return outcomes;
}

/** In the suite's quick mode, unless a test of the number would do nothing in it. */
async function runNumber(bench: Bench, group: readonly BrokerTest[]): Promise<readonly Outcome[]> {
  if (!bench.isFull) {
    const quick = await runInFolder(bench, group, ['-Q']);
    if (!isHollow(bench.suite, group, quick)) return quick.outcomes;
  }
  const { outcomes } = await runInFolder(bench, group, []);
  return outcomes.map((outcome) =>
    outcome.state === 'passed' && outcome.seconds < HOLLOW_SECONDS
      ? { ...outcome, state: 'skipped', why: 'it asked nothing of the broker' }
      : outcome,
  );
}

/** Who asks a broker for anything takes longer than this; without asking, even on a busy machine, less than this. */
const HOLLOW_SECONDS = 0.005;
const HOLLOW_BUSY_SECONDS = 0.1;

/** Whether a test may have passed by doing nothing: it is made of parts, and quick mode left out all of them. */
function isHollow(suite: Suite, [first]: readonly BrokerTest[], { outcomes, log }: Ran): boolean {
  const hasParts = suite.sourcesOf(first?.number ?? '').includes('SUB_TEST');
  if (hasParts && !/: PASS \(|TEST FAILURE/.test(log)) return true;
  return outcomes.some(
    ({ state, seconds, why }) =>
      (state === 'passed' && seconds < HOLLOW_BUSY_SECONDS) || why.includes('quick mode'),
  );
}

interface Ran {
  readonly outcomes: readonly Outcome[];
  readonly log: string;
}

/** Each run has a folder of its own beside the suite's, as tests read files of the suite by relative paths. */
async function runInFolder(
  bench: Bench,
  group: readonly BrokerTest[],
  args: readonly string[],
): Promise<Ran> {
  const folder = mkdtempSync(join(dirname(bench.suite.runner), '../run-'));
  try {
    const { log, isOverTime } = await runIn(folder, bench, { group, args });
    return { outcomes: group.map(({ name }) => outcomeOf(name, log, isOverTime)), log };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Run {
  readonly log: string;
  readonly isOverTime: boolean;
}

interface Wanted {
  readonly group: readonly BrokerTest[];
  readonly args: readonly string[];
}

async function runIn(folder: string, { suite, addresses }: Bench, { group, args }: Wanted): Promise<Run> {
  const [first] = group;
  if (!first) throw new Error('a group has at least one test');
  const { number, scenario } = first;
  const conf = join(folder, 'test.conf');
  writeFileSync(conf, `bootstrap.servers=${addresses.get(scenario) ?? ''}\ntest.topic.random=true\n`);
  const child = spawn(suite.runner, ['-p1', '-L', ...args], {
    cwd: folder,
    env: {
      ...process.env,
      ...{ TESTS: number, TEST_SCENARIO: scenario, TEST_KAFKA_VERSION: KAFKA_VERSION },
      ...{ RDKAFKA_TEST_CONF: conf, LD_LIBRARY_PATH: suite.libraries.join(':') },
    },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  const log = stripVTControlCharacters(Buffer.concat(chunks).toString());
  writeFileSync(join(suite.logs, `${number}-${scenario}.log`), log);
  return { log, isOverTime: child.signalCode === 'SIGKILL' };
}

const STATES: ReadonlyMap<string, Outcome['state']> = new Map([
  ['PASSED', 'passed'],
  ['SKIPPED', 'skipped'],
]);

/** From the last summary in a log; a runner that aborted has printed none. */
function outcomeOf(name: string, log: string, isOverTime: boolean): Outcome {
  const line = new RegExp(`^\\|\\s+${name}\\s+\\|\\s+(\\w+) \\|\\s+([\\d.]+)s \\|(.*)$`, 'gm');
  const [, state = '', seconds = '0', why = ''] = [...log.matchAll(line)].at(-1) ?? [];
  return {
    ...{ name, state: STATES.get(state) ?? 'failed', seconds: Number(seconds) },
    why: state === 'PASSED' ? '' : why.trim() || lastWords(log, isOverTime),
  };
}

function lastWords(log: string, isOverTime: boolean): string {
  if (isOverTime) return `not over after ${LIMIT_MS / 1000} s`;
  const [, where = '', what = ''] = /TEST FAILURE\n### Test ".*" failed at (\S+) at .*\n(.*)/.exec(log) ?? [];
  return where === '' ? (log.trim().split('\n').at(-1) ?? '').trim() : `${where} ${what}`;
}
