// The command line: commands, their arguments, and what each comes to as an exit code.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { BrokerError } from '../base/errors.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import type { ConsumeOptions } from './consume.ts';
import type { CostOptions } from './cost.ts';
import { DEFAULT_URL } from './default-url.ts';
import { CliError, EXIT, usageError, type ExitCode } from './exit.ts';
import type { DescribeGroupOptions, GroupsBroker, ResetOptions } from './groups.ts';
import type { ProduceOptions } from './produce.ts';
import type { ServeFlags } from './serve-options.ts';
import { isBrokenPipe, note, type Terminal, write } from './terminal.ts';
import type { AddUserOptions, UsersOptions } from './users.ts';
import type { CreateTopicOptions } from './topics.ts';

// A command's own modules are loaded when it runs: so each starts without the others' libraries.
const load = {
  apiBroker: () => import('./api-broker.ts'),
  apiClient: () => import('./api-client.ts'),
  consume: () => import('./consume.ts'),
  consumeGroup: () => import('./consume-group.ts'),
  groups: () => import('./groups.ts'),
  produce: () => import('./produce.ts'),
  topics: () => import('./topics.ts'),
};

/** What the commands of one run share. */
interface Context {
  readonly terminal: Terminal;
  /** Set by the command that ran. */
  exitCode: ExitCode;
}

/** Runs one command line, without `node` and the script's name. Never throws: prints one line on stderr instead. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const context: Context = { terminal, exitCode: EXIT.ok };
  try {
    await createProgram(context).parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (isBrokenPipe(error)) return EXIT.ok;
    note(terminal, `wadi: ${describe(error)}`);
    return error instanceof CliError ? error.exitCode : EXIT.failed;
  }
}

function describe(error: unknown): string {
  if (error instanceof ApiError && error.outcome === 'unknown' && error.isWrite) {
    return `${error.message}; nobody can tell whether the request was applied`;
  }
  if (error instanceof CliError) return error.message;
  if (error instanceof BrokerError && error.code !== 'UNKNOWN_SERVER_ERROR')
    return `${error.message}${error.outcome === 'unknown' ? '; nobody can tell whether the request was applied' : ''}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function createProgram(context: Context): Command {
  const { stdout, stderr } = context.terminal;
  const program = new Command('wadi')
    .description('A Kafka-compatible event log with no brokers')
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError('(wadi --help says more)')
    .addHelpText('after', EXIT_CODES);
  addServe(program, context);
  addTopics(program, context);
  addProduce(program, context);
  addConsume(program, context);
  addGroups(program, context);
  addUsers(program, context);
  addScrub(program, context);
  addCost(program, context);
  return program;
}

const EXIT_CODES = `
Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} used wrongly, ${EXIT.interrupted} ended by Ctrl-C, ${EXIT.terminated} ended by SIGTERM.`;

function addServe(program: Command, context: Context): void {
  program
    .command('serve')
    .description('Serve a log in one process, on SQLite and files')
    .option('--host <address>', 'where to listen; default $WADI_HTTP_HOST or 127.0.0.1')
    .option('--port <number>', 'where to listen, 0 for a free port; default $WADI_HTTP_PORT or 8082')
    .option(
      '--kafka-port <number>',
      'where to listen for Kafka clients, 0 for a free port, off for none; default $WADI_KAFKA_PORT or 9092',
    )
    .option('--kafka-host <address>', 'where to listen for them, default $WADI_KAFKA_HOST or as --host')
    .option(
      '--kafka-advertised <host:port>',
      'what Kafka clients are told to connect to; default $WADI_KAFKA_ADVERTISED, or where it listens',
    )
    .option('--kafka-tls-cert <file>', 'certificates in PEM, for TLS; default $WADI_KAFKA_TLS_CERT')
    .option('--kafka-tls-key <file>', 'the key of the first, in PEM; default $WADI_KAFKA_TLS_KEY')
    .option(
      '--kafka-tls-client-ca <file>',
      'clients must have a certificate of this authority; default $WADI_KAFKA_TLS_CLIENT_CA',
    )
    .option('--kafka-users <file>', 'who may log in (see wadi users); default $WADI_KAFKA_USERS, or anybody')
    .option(
      '--kafka-plain <when>',
      'whether passwords themselves are taken: with-tls, always or never; default $WADI_KAFKA_PLAIN or with-tls',
    )
    .option('--data-dir <folder>', 'where the data is; default $WADI_DATA_DIR or wadi-data')
    .action(async (flags: ServeFlags) => {
      const { serve } = await import('./serve.ts');
      context.exitCode = await serve(context.terminal, flags);
    });
}

/** A command that speaks to a server. */
function remote(parent: Command, { env }: Terminal, nameAndArguments: string): Command {
  const url = new Option('--url <url>', 'the server; requests to AWS are signed with your AWS credentials');
  return parent
    .command(nameAndArguments)
    .addOption(url.default(env['WADI_URL'] || DEFAULT_URL, `$WADI_URL or ${DEFAULT_URL}`));
}

async function clientOf({ terminal }: Context, { url }: { readonly url: string }): Promise<ApiClient> {
  const { createApiClient, parseUrl } = await load.apiClient();
  return createApiClient({ clock: terminal.clock, dice: terminal.dice }, parseUrl(url));
}

const printLines = (context: Context, lines: readonly string[]): Promise<void> =>
  lines.length === 0 ? Promise.resolve() : write(context.terminal.stdout, `${lines.join('\n')}\n`);

interface Url {
  readonly url: string;
}

function addTopics(program: Command, context: Context): void {
  const topics = program.command('topics').description('Make, list, show and delete topics');
  remote(topics, context.terminal, 'create <name>')
    .description('Make a topic')
    .option('--partitions <count>', 'default: what the server is set to', wholeNumber(1))
    .option('--config <name=value>', 'a topic config of Kafka; may be repeated', collect, [])
    .option('--if-not-exists', 'leave a topic that exists as it is')
    .action(async (name: string, options: CreateTopicOptions & Url) => {
      const { createTopic } = await load.topics();
      await printLines(context, await createTopic(await clientOf(context, options), name, options));
    });
  remote(topics, context.terminal, 'list')
    .description('Print the names of all topics')
    .option('--json', 'print a JSON object for each')
    .action(async (options: { json?: boolean } & Url) => {
      const { listTopics } = await load.topics();
      await printLines(context, await listTopics(await clientOf(context, options), options));
    });
  remote(topics, context.terminal, 'describe <name>')
    .description('Print the offsets of each partition, and the configs that are not the default')
    .option('--json', 'print one JSON object')
    .action(async (name: string, options: { json?: boolean } & Url) => {
      const { describeTopic } = await load.topics();
      await printLines(context, await describeTopic(await clientOf(context, options), name, options));
    });
  remote(topics, context.terminal, 'delete <name>')
    .description('Delete a topic and all its records')
    .action(async (name: string, options: Url) => {
      const { deleteTopic } = await load.topics();
      await printLines(context, [await deleteTopic(await clientOf(context, options), name)]);
    });
}

function addProduce(program: Command, context: Context): void {
  remote(program, context.terminal, 'produce <topic>')
    .description('Append the lines of stdin to a topic, each record exactly once')
    .option('--file <path>', 'read this file instead of stdin')
    .option('--partition <number>', 'send all records here, whatever their key', wholeNumber(0))
    .option('--json', 'lines are {"key","value"} objects; default: if the first line looks like one')
    .option('--no-json', 'lines are values as they are')
    .option('--key-separator <text>', 'what stands between key and value of a line')
    .addHelpText('after', PRODUCE_HELP)
    .action(async (topic: string, options: ProduceOptions & Url) => {
      const { produce } = await load.produce();
      const client = await clientOf(context, options);
      context.exitCode = await produce(context.terminal, client, topic, options);
    });
}

const PRODUCE_HELP = `
JSON lines have "value" and may have "key", "headers" ([{"key","value"}]), "partition" and "timestamp" (ms). Text is sent
as UTF-8, other JSON as its text; "keyBase64" and "valueBase64" hold bytes; null is no key, or a tombstone.
The key chooses the partition as Kafka's Java client does. Records without a key go to one after another.`;

function addConsume(program: Command, context: Context): void {
  remote(program, context.terminal, 'consume <topic>')
    .description('Print the records of a topic, each partition in its order')
    .option('--partition <number>', 'only this one; default: all', wholeNumber(0))
    .addOption(
      new Option('--offset <offset>', 'where to begin: a number, "earliest" or "latest"; default: earliest')
        .argParser(parseOffset)
        .conflicts('fromBeginning'),
    )
    .option('--from-beginning', 'begin with the first record; the default, but for --follow')
    .option('--max <count>', 'stop after so many records', wholeNumber(0))
    .option('--follow', 'go on with what comes; begins at the end unless told otherwise')
    .option('--json', 'print a JSON object for each record')
    .option('--key-separator <text>', 'print the key and this before each value')
    .addOption(
      new Option(
        '--group <id>',
        'as a member of this consumer group, from what it has committed on',
      ).conflicts(['partition', 'follow']),
    )
    .option('--session-timeout <ms>', 'with --group: when a member that is silent is out', wholeNumber(1))
    .option('--at-most-once', 'with --group: commit before printing instead of after')
    .action(async (topic: string, { fromBeginning, ...options }: ConsumeOptions & ConsumeFlags) => {
      if (options.group !== undefined) {
        context.exitCode = await consumeAsMember(context, topic, options.group, options);
        return;
      }
      if (options.sessionTimeout !== undefined || options.atMostOnce)
        throw usageError('--session-timeout and --at-most-once need --group');
      const start = fromBeginning ? { offset: 'earliest' as const } : {};
      const { consume } = await load.consume();
      context.exitCode = await consume(context.terminal, await clientOf(context, options), topic, {
        ...options,
        ...start,
      });
    });
}

interface ConsumeFlags extends Url {
  readonly fromBeginning?: boolean;
  readonly group?: string;
  readonly sessionTimeout?: number;
  readonly atMostOnce?: boolean;
}

async function consumeAsMember(
  { terminal }: Context,
  topic: string,
  group: string,
  { offset, ...options }: ConsumeOptions & ConsumeFlags,
): Promise<ExitCode> {
  if (typeof offset === 'number')
    throw usageError(
      '--offset must be earliest or latest with --group: it begins where the group has committed',
    );
  const { openClient } = await load.apiBroker();
  const { consumeGroup } = await load.consumeGroup();
  const client = openClient(terminal, options.url);
  try {
    return await consumeGroup(terminal, client, topic, { ...options, group, ...(offset && { offset }) });
  } finally {
    await client.close();
  }
}

function addGroups(program: Command, context: Context): void {
  const groups = program
    .command('groups')
    .description('List, show and delete consumer groups, and reset their offsets');
  const withBroker = async (url: string, run: (broker: GroupsBroker) => Promise<readonly string[]>) => {
    const { openClient } = await load.apiBroker();
    const client = openClient(context.terminal, url);
    try {
      await printLines(context, await run(client.broker));
    } finally {
      await client.close();
    }
  };
  remote(groups, context.terminal, 'list')
    .description('Print the ids of all groups')
    .option('--state', 'print what each is, too')
    .option('--json', 'print a JSON object for each')
    .action(async ({ url, ...options }: { json?: boolean; state?: boolean } & Url) => {
      const { listGroups } = await load.groups();
      await withBroker(url, (broker) => listGroups(broker, options));
    });
  remote(groups, context.terminal, 'describe <group>')
    .description('Print committed offsets and lags, with the member that has each partition')
    .addOption(new Option('--members', 'print the members instead').conflicts('state'))
    .option('--state', 'print the state instead')
    .option('--json', 'print one JSON object')
    .action(async (group: string, { url, ...options }: DescribeGroupOptions & Url) => {
      const { describeGroup } = await load.groups();
      await withBroker(url, (broker) => describeGroup(broker, group, options));
    });
  remote(groups, context.terminal, 'delete <group...>')
    .description('Delete groups without members, with what they have committed')
    .action(async (ids: readonly string[], { url }: Url) => {
      const { deleteGroup } = await load.groups();
      for (const id of ids) await withBroker(url, (broker) => deleteGroup(broker, id));
    });
  addResetOffsets(groups, context, withBroker);
}

function addResetOffsets(
  groups: Command,
  context: Context,
  withBroker: (url: string, run: (broker: GroupsBroker) => Promise<readonly string[]>) => Promise<void>,
): void {
  remote(groups, context.terminal, 'reset-offsets <group>')
    .description('Show where committed offsets would go, and set them with --execute')
    .option('--topic <name[:0,1]>', 'these partitions; may be repeated', collect, [])
    .option('--all-topics', 'all that the group has committed')
    .option('--to-earliest', 'to the first record')
    .option('--to-latest', 'to the end')
    .option('--to-offset <offset>', 'to this one, or the nearest that there is', wholeNumber(0))
    .option('--to-datetime <time>', 'to the first record at this time or later, as 2026-11-25T12:00:00Z')
    .option('--shift-by <count>', 'so many on from what is committed, or back if negative', integer)
    .option('--execute', 'do it; without, nothing is changed')
    .option('--json', 'print one JSON object')
    .action(async (group: string, { url, ...options }: ResetOptions & Url) => {
      const { resetOffsets } = await load.groups();
      await withBroker(url, (broker) => resetOffsets(broker, group, options));
    });
}

function addUsers(program: Command, { terminal }: Context): void {
  const users = program
    .command('users')
    .description('Make, list and remove the users that Kafka clients log in as; no password is kept');
  const withFile = (nameAndArguments: string) =>
    users
      .command(nameAndArguments)
      .option('--file <path>', 'where users are kept; default $WADI_KAFKA_USERS');
  withFile('add <name>')
    .description('Add a user, or change its password, which is the first line of stdin')
    .option('--iterations <count>', 'how slow a guess is, default 4096', wholeNumber(1))
    .option('--print', 'print the document, for a secret, and write no file')
    .action(async (name: string, options: AddUserOptions) => {
      const { addUser } = await import('./users.ts');
      await addUser(terminal, name, options);
    });
  withFile('list')
    .description('Print the names of all users')
    .action(async (options: UsersOptions) => {
      const { listUsers } = await import('./users.ts');
      await listUsers(terminal, options);
    });
  withFile('remove <name>')
    .description('Remove a user')
    .action(async (name: string, options: UsersOptions) => {
      const { removeUser } = await import('./users.ts');
      await removeUser(terminal, name, options);
    });
}

function addScrub(program: Command, context: Context): void {
  program
    .command('scrub')
    .description('Read all data of a stopped server, and check every checksum and invariant')
    .option('--data-dir <folder>', 'where the data is; default $WADI_DATA_DIR or wadi-data')
    .option('--json', 'print a JSON object for each partition')
    .action(async (options: { dataDir?: string; json?: boolean }) => {
      const { scrub } = await import('./scrub.ts');
      context.exitCode = await scrub(context.terminal, options);
    });
}

function addCost(program: Command, { terminal }: Context): void {
  program
    .command('cost')
    .description('Print what a month on AWS costs, counted by running the real log')
    .requiredOption('--rate <rate>', 'record batches a second, such as 1MB/s; 0: what is paid at rest')
    .requiredOption('--batch <size>', 'of a record batch, such as 100KB; each is one request')
    .option('--record-bytes <size>', 'of a record; default: 1KB, or the whole batch')
    .option('--partitions <count>', 'that the records go to; default: 1')
    .option('--consumers <count>', 'that each read everything; default: 1')
    .option('--poll <time>', 'how often they ask, such as 1s; default: they wait in long polls')
    .option('--retention <time>', 'how long records are kept; default: 7d')
    .option('--gateway-tasks <count>', 'of a Kafka gateway that is there all month; default: 0')
    .option('--group-members <count>', 'of a consumer group that is there all month; default: 0')
    .option('--json', 'print one JSON object')
    .action(async (options: CostOptions) => {
      const { cost } = await import('./cost.ts');
      await cost(terminal, options);
    });
}

function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min}.`);
  };
}

function integer(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It must be a whole number.');
}

function parseOffset(text: string): number | 'earliest' | 'latest' {
  return text === 'earliest' || text === 'latest' ? text : wholeNumber(0)(text);
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
