// Style as a test: STYLE's rules over every file of the tree, and proof that each rule can fail.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as checks from './tidy/source-checks.ts';
import { parse, type Source } from './tidy/source-checks.ts';
import { checkName, checkText } from './tidy/tree-checks.ts';

const root = new URL('..', import.meta.url);
const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(new URL(path, root)));
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

const isProduct = (path: string) => /^(lib|functions|infra|bench)\//.test(path);
const sources = paths.filter((path) => path.endsWith('.ts')).map((path) => parse(path, read(path)));
const product = sources.filter(({ path }) => isProduct(path));

const over = (files: readonly Source[], check: (source: Source) => string[]) =>
  files.flatMap((file) => check(file));

describe('the tree', () => {
  it('has files to check', () => {
    expect(product.length).toBeGreaterThan(10);
  });

  it('imports downward only, and keeps packages in their places', () => {
    expect(over(sources, checks.checkImports)).toEqual([]);
  });

  it('takes time and dice as values', () => {
    expect(over(sources, checks.checkAmbient)).toEqual([]);
  });

  it('decides in pure files', () => {
    expect(over(sources, checks.checkPurity)).toEqual([]);
  });

  it('leaves environment and terminal to those who wire', () => {
    expect(over(sources, checks.checkEnvironment)).toEqual([]);
  });

  it('keeps files and functions short', () => {
    expect(over(sources, checks.checkLength)).toEqual([]);
  });

  it('says in each file what it is for', () => {
    expect(over(product, checks.checkOpening)).toEqual([]);
  });

  it('gives every export its contract', () => {
    expect(over(product, checks.checkContracts)).toEqual([]);
  });

  it('has no barrels', () => {
    expect(over(product, checks.checkBarrel)).toEqual([]);
  });

  it('names files and folders for what is in them', () => {
    expect(paths.flatMap(checkName)).toEqual([]);
  });

  it('gives away no unfinished work, machine or network', () => {
    expect(
      paths.filter((path) => !path.startsWith('test/data/')).flatMap((path) => checkText(path, read(path))),
    ).toEqual([]);
  });
});

/** A check, a file it must refuse and one it must accept. */
type Case = readonly [
  what: string,
  check: (source: Source) => string[],
  path: string,
  bad: string,
  good: string,
];

const lines = (count: number, line: string) => `${line}\n`.repeat(count);
const cases: readonly Case[] = [
  [
    'an upward import',
    checks.checkImports,
    'lib/record/a.ts',
    "import '../log/b.ts';",
    "import '../base/b.ts';",
  ],
  [
    'an upward type import',
    checks.checkImports,
    'lib/log/a.ts',
    "import type { A } from '../topics/b.ts';",
    "import './b.ts';",
  ],
  [
    'an upward export',
    checks.checkImports,
    'lib/base/a.ts',
    "export * from '../log/b.ts';",
    "export * from './b.ts';",
  ],
  [
    'a dynamic import upward',
    checks.checkImports,
    'lib/log/a.ts',
    "await import('../http/b.ts');",
    "await import('./b.ts');",
  ],
  [
    'a gateway below the broker',
    checks.checkImports,
    'lib/http/a.ts',
    "import '../log/b.ts';",
    "import '../broker/b.ts';",
  ],
  [
    'a layer nobody knows',
    checks.checkImports,
    'lib/stuff/a.ts',
    "import '../base/b.ts';",
    "import 'typebox';",
  ],
  [
    'lib importing functions',
    checks.checkImports,
    'lib/cli/a.ts',
    "import '../../functions/b.ts';",
    "import '../http/b.ts';",
  ],
  [
    'functions importing the CLI',
    checks.checkImports,
    'functions/a.ts',
    "import '../lib/cli/b.ts';",
    "import '../lib/http/b.ts';",
  ],
  [
    'an adapter named above the ports',
    checks.checkImports,
    'lib/log/a.ts',
    "import '../storage/embedded/b.ts';",
    "import '../storage/ports/b.ts';",
  ],
  [
    'an adapter naming another',
    checks.checkImports,
    'lib/storage/s3/a.ts',
    "import '../dynamodb/b.ts';",
    "import '../ports/b.ts';",
  ],
  [
    'the AWS SDK elsewhere',
    checks.checkImports,
    'lib/cli/produce.ts',
    "await import('@aws-sdk/client-s3');",
    "await import('commander');",
  ],
  [
    'the machine in a pure file',
    checks.checkImports,
    'lib/record/a.ts',
    "import 'node:fs';",
    "import 'node:zlib';",
  ],
  ['the clock', checks.checkAmbient, 'lib/log/a.ts', 'Date.now();', 'clock.now();'],
  ['the date', checks.checkAmbient, 'lib/log/a.ts', 'new Date();', 'new Date(0);'],
  ['dice', checks.checkAmbient, 'lib/log/a.ts', 'Math.random();', 'dice.random();'],
  [
    'an id of its own',
    checks.checkAmbient,
    'lib/cli/a.ts',
    'crypto.randomUUID();',
    'formatUuid(dice.bytes(16));',
  ],
  ['a timer', checks.checkAmbient, 'lib/cli/a.ts', 'setTimeout(f, 1);', 'clock.sleep(1);'],
  [
    'a timer by another name',
    checks.checkAmbient,
    'lib/cli/a.ts',
    "import 'node:timers/promises';",
    "import 'node:path';",
  ],
  ['waiting in a pure file', checks.checkPurity, 'lib/log/head-state.ts', 'async () => {};', '() => {};'],
  ['the process in a pure file', checks.checkPurity, 'lib/record/a.ts', 'process.platform;', 'platform;'],
  ['the environment', checks.checkEnvironment, 'lib/http/a.ts', 'process.env;', 'options.env;'],
  ['the console', checks.checkEnvironment, 'lib/http/a.ts', "console.log('');", "log.info('');"],
  ['a long file', checks.checkLength, 'lib/a/b.ts', lines(501, ';'), lines(500, ';')],
  [
    'a long function',
    checks.checkLength,
    'lib/a/b.ts',
    `() => {\n${lines(69, ';')}};`,
    `() => {\n${lines(68, ';')}};`,
  ],
  [
    'a long test',
    checks.checkLength,
    'test/a.ts',
    `it('', () => {\n${lines(69, ';')}});`,
    `describe('', () => {\n${lines(69, ';')}});`,
  ],
  [
    'no opening comment',
    checks.checkOpening,
    'lib/a/b.ts',
    'const a = 1;',
    '#!/usr/bin/env node\n// Why.\nconst a = 1;',
  ],
  [
    'no contract',
    checks.checkContracts,
    'lib/a/b.ts',
    '// Why.\n\nexport const a = 1;',
    '// Why.\n\n/** What. */\nexport const a = 1;',
  ],
  [
    'a constant apart from the commented one',
    checks.checkContracts,
    'lib/a/b.ts',
    '/** Both. */\nexport const a = 1;\n\nexport const b = 1;',
    '/** Both. */\nexport const a = 1;\nexport const b = 1;',
  ],
  [
    'a stored entity without its shape and life',
    checks.checkContracts,
    'lib/storage/schema/a.ts',
    '/*\n * pk => id\n */\n\nexport const key = 1;',
    '/*\n * pk => id\n * Life: for ever.\n */\n\nexport const key = 1;',
  ],
  [
    'a plain comment for a contract',
    checks.checkContracts,
    'lib/a/b.ts',
    '// What.\nexport class A {}',
    '/** What. */ export class A {}',
  ],
  ['no exports', checks.checkContracts, 'lib/a/b.ts', 'const a = 1;', 'export type A = 1;'],
  ['a barrel', checks.checkBarrel, 'lib/a/b.ts', "export * from './c.ts';", "import './c.ts';"],
];

describe('the checks', () => {
  it.each(cases)('refuse %s', (_what, check, path, bad, good) => {
    expect(check(parse(path, bad))).toHaveLength(1);
    expect(check(parse(path, good))).toEqual([]);
  });

  it('refuse an index file, a vague folder and a name in another case', () => {
    expect(checks.checkBarrel(parse('lib/a/index.ts', 'const a = 1;'))).toHaveLength(1);
    expect(checkName('lib/utils/a.ts')).toHaveLength(1);
    expect(checkName('lib/log/headState.ts')).toHaveLength(1);
    expect(checkName('lib/log/head-state.test.ts')).toEqual([]);
  });

  it.each([
    ['unfinished work', ['// TO', 'DO: more'].join(''), '// Done.'],
    ['a path of one machine', ['see /ho', 'me/me/notes'].join(''), 'see https://example.com/home/me'],
    ['a registry', ['"https://regis', 'try.npmjs.org/a"'].join(''), '"https://github.com/a"'],
    ['a lockfile tied to a host', ['"resol', 'ved": "x"'].join(''), '"integrity": "x"'],
  ])('refuse %s', (_what, bad, good) => {
    expect(checkText('a.md', bad)).toEqual([expect.stringContaining('a.md:1: ')]);
    expect(checkText('a.md', good)).toEqual([]);
  });
});
