// Which of the suite's tests speak to a broker, and which of them we keep passing.
import { readFileSync } from 'node:fs';

/** What a test asks of the broker's settings: topics are created automatically, or they are not. */
export type Scenario = 'default' | 'noautocreate';

export interface BrokerTest {
  /** As in `0011_produce_batch`: the suite runs tests by their number. */
  readonly name: string;
  readonly number: string;
  readonly scenario: Scenario;
}

/**
 * The tests that the suite's list says need a broker. Those by the name of `..._mock` bring a broker of their own, whatever
 * the list says.
 */
export function brokerTests(list: string): readonly BrokerTest[] {
  const start = list.indexOf('struct test tests[]');
  const entries = list.slice(start, list.indexOf('\n};', start)).split('\n    _TEST(').slice(1);
  return entries.flatMap((entry) => {
    const name = entry.slice(0, entry.indexOf(','));
    const isLocal = /TEST_F_LOCAL|TEST_F_MANUAL/.test(entry) || name.includes('_mock');
    const scenario: Scenario = entry.includes('"noautocreate"') ? 'noautocreate' : 'default';
    return isLocal ? [] : [{ name, number: name.slice(0, name.indexOf('_')), scenario }];
  });
}

/** The names in `tests.allow`: one a line, `#` begins a comment. Throws for a name that the suite does not have. */
export function allowedTests(tests: readonly BrokerTest[]): ReadonlySet<string> {
  const text = readFileSync(new URL('tests.allow', import.meta.url), 'utf8');
  const names = text.split('\n').flatMap((line) => line.replace(/#.*/, '').trim() || []);
  const known = new Set(tests.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`tests.allow names what the suite lacks: ${unknown.join(', ')}`);
  return new Set(names);
}
