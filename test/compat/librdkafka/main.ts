// `npm run compat:librdkafka [-- --all | -- NUMBER...] [--full]`: librdkafka's own tests against a fresh server. Fails where a
// test of `tests.allow` fails; `--all` runs every broker test and tells which ones pass that are not in the list yet;
// `--full` runs them to their whole length instead of the suite's quick mode.
import { parseArgs } from 'node:util';
import {
  kafkaAddressOf,
  startServer,
  stop,
  temporaryFolder,
  type ServerProcess,
} from '../../e2e/support/processes.ts';
import { allowedTests, brokerTests, type BrokerTest, type Scenario } from './broker-tests.ts';
import { runAgain, runTests, type Outcome } from './run-tests.ts';
import { missingPrograms, openSuite, type Suite } from './suite.ts';

const { values, positionals } = parseArgs({
  options: { all: { type: 'boolean', default: false }, full: { type: 'boolean', default: false } },
  allowPositionals: true,
});

async function main(): Promise<void> {
  const missing = missingPrograms();
  if (missing !== undefined) {
    console.log(`SKIPPED: librdkafka's tests cannot be built: ${missing}`);
    return;
  }
  const suite = openSuite();
  const tests = brokerTests(suite.list);
  const allowed = allowedTests(tests);
  const outcomes = await runOnServers(suite, tests.filter(isWanted(allowed)), allowed);
  conclude(outcomes, { allowed, tests });
}

const isWanted =
  (allowed: ReadonlySet<string>) =>
  ({ name, number }: BrokerTest): boolean =>
    positionals.length > 0
      ? positionals.some((wanted) => wanted === number || wanted === name)
      : values.all || allowed.has(name);

/** What should pass and does not is run once more. */
async function runOnServers(
  suite: Suite,
  tests: readonly BrokerTest[],
  allowed: ReadonlySet<string>,
): Promise<readonly Outcome[]> {
  using folder = temporaryFolder();
  const servers: ServerProcess[] = [];
  const addresses = new Map<Scenario, string>();
  try {
    for (const scenario of new Set(tests.map((test) => test.scenario))) {
      const server = await startScenario(scenario, folder.path);
      servers.push(server);
      addresses.set(scenario, kafkaAddressOf(server));
    }
    const bench = { suite, addresses, isFull: values.full, onOutcomes: print };
    const outcomes = await runTests(bench, tests);
    const lost = new Set(outcomes.filter((one) => isLost(one, allowed)).map(({ name }) => name));
    const again = await runAgain(
      bench,
      tests.filter(({ name }) => lost.has(name)),
    );
    return outcomes.map((outcome) => again.find(({ name }) => name === outcome.name) ?? outcome);
  } finally {
    for (const server of servers) {
      const { stderr } = await stop(server);
      if (stderr !== '') console.log(`the server's log:\n${stderr.slice(-10_000)}`);
    }
  }
}

const isLost = ({ name, state }: Outcome, allowed: ReadonlySet<string>): boolean =>
  allowed.has(name) && state !== 'passed';

const startScenario = (scenario: Scenario, folder: string): Promise<ServerProcess> =>
  startServer({
    ...{ WADI_KAFKA_PORT: '0', WADI_NUM_PARTITIONS: '4', WADI_DATA_DIR: `${folder}/${scenario}` },
    WADI_AUTO_CREATE_TOPICS: String(scenario === 'default'),
  });

function print(outcomes: readonly Outcome[]): void {
  for (const { name, state, seconds, why } of outcomes)
    console.log(`${state.padEnd(8)}${seconds.toFixed(1).padStart(7)} s  ${name.padEnd(48)} ${why}`.trimEnd());
}

interface Expected {
  readonly allowed: ReadonlySet<string>;
  readonly tests: readonly BrokerTest[];
}

function conclude(outcomes: readonly Outcome[], { allowed, tests }: Expected): void {
  console.log('');
  print(outcomes);
  const passed = outcomes.filter(({ state }) => state === 'passed').map(({ name }) => name);
  const lost = outcomes.filter((outcome) => isLost(outcome, allowed));
  const gained = passed.filter((name) => !allowed.has(name));
  console.log(
    `\n${passed.length} of ${outcomes.length} passed; tests.allow has ${allowed.size} of the suite's ${tests.length}.`,
  );
  if (gained.length > 0) console.log(`To be added to tests.allow:\n${gained.join('\n')}`);
  if (lost.length === 0) return;
  console.log(`FAILED, and in tests.allow: ${lost.map(({ name }) => name).join(', ')}`);
  process.exitCode = 1;
}

await main();
