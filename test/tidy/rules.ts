// The rules of the tree as data: who may import whom, what is pure, how long things may be, and the reasoned exceptions.

/** Lines, blank ones and comments included. */
export const FILE_LINES_MAX = 500;
export const FUNCTION_LINES_MAX = 70;

/** The folders of lib, lowest first, and which others each may import. Itself it may always import. */
const below = ['base', 'record', 'storage', 'log', 'cluster', 'topics'] as const;
const gateway = ['base', 'record', 'topics', 'groups', 'transactions', 'broker'] as const;
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  record: ['base'],
  storage: ['base', 'record'],
  log: ['base', 'record', 'storage'],
  // The cluster record and producer ids: beside topics, and neither knows the other.
  cluster: ['base', 'storage'],
  topics: ['base', 'record', 'storage', 'log'],
  groups: below,
  transactions: below,
  broker: [...below, 'groups', 'transactions'],
  // Gateways know the broker, never what it stands on: so each of them passes one broker suite.
  http: gateway,
  kafka: gateway,
  // Wires a log over the stores of an account.
  account: ['base', 'storage', 'log'],
  // Wires a broker over stores of its own process.
  embedded: [...below, 'groups', 'broker'],
  // Stands on the broker as a gateway does; its connect-* files wire one.
  client: [...below, 'groups', 'transactions', 'broker', 'account', 'embedded'],
  // They see no more than a user does.
  streams: ['client'],
  connect: ['client'],
  console: ['base'],
  // Runs the real log over metered stores.
  cost: [...below, 'groups', 'broker'],
  cli: [
    ...below,
    'groups',
    'transactions',
    'broker',
    'http',
    'kafka',
    'embedded',
    'client',
    'console',
    'cost',
  ],
};

/** What the folders outside lib may import of lib. Absent: everything. */
export const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  functions: [...below, 'groups', 'transactions', 'broker', 'http', 'kafka', 'account'],
  // The schema to deploy, the limits it depends on, and the routes that grants are made of.
  infra: ['base', 'storage', 'log', 'topics', 'http'],
};

/** Store adapters: the log sees ports. Only who wires may name one, and an adapter names no other. */
export const ADAPTERS = ['lib/storage/dynamodb/', 'lib/storage/s3/', 'lib/storage/embedded/'];
export const WIRING = [
  'functions/',
  'lib/account/',
  'lib/embedded/',
  'lib/client/connect-',
  'lib/cost/',
  'bench/',
  'test/',
];

/** Packages that are kept to a few places of lib, functions and infra. */
export const KEPT_PACKAGES: readonly { readonly pattern: RegExp; readonly places: readonly string[] }[] = [
  {
    pattern: /^@aws-sdk\/|^@smithy\//,
    places: [
      'lib/storage/dynamodb/',
      'lib/storage/s3/',
      'functions/',
      'lib/account/',
      'lib/client/http/signing',
      'lib/client/connect-in-account',
    ],
  },
  { pattern: /^@aws-lambda-powertools\/|^aws-lambda$/, places: ['functions/'] },
  { pattern: /^(aws-cdk-lib|constructs|cdk-nag)(\/|$)/, places: ['infra/'] },
  { pattern: /^node:sqlite$/, places: ['lib/storage/embedded/'] },
  { pattern: /^hono(\/|$)/, places: ['lib/http/', 'functions/'] },
  { pattern: /^(commander|pino|@hono\/node-server)(\/|$)/, places: ['lib/cli/'] },
];

/** Decisions without effects: they run the same in a simulation, in a test and in a Lambda. */
export const isPure = (path: string): boolean =>
  path.startsWith('lib/record/') || (path.startsWith('lib/') && path.endsWith('-state.ts'));

/** Node's modules that pure files may use: they compute, and find an optional native accelerator. */
export const PURE_NODE_MODULES = ['node:zlib', 'node:module', 'node:buffer'];

/** Where the real clock and the real dice live. */
export const AMBIENT_HOMES = ['lib/base/clock.ts', 'lib/base/dice.ts'];

export const FORBIDDEN_FOLDERS = ['utils', 'util', 'common', 'helpers', 'types', 'misc', 'shared'];

/** Files that only pass exports on: the package's published entry points. */
export const ENTRY_POINTS: readonly string[] = ['lib/client/index.ts'];

/** Exports whose contract stands elsewhere, and where. */
export const CONTRACT_ELSEWHERE: Readonly<Record<string, string>> = {
  'lib/storage/ports/action.ts': 'each constructor is one kind of Action, whose comment says what each does',
  'lib/storage/ports/condition.ts':
    'each constructor is one kind of Condition, whose comment says when each holds',
};
