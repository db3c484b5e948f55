// The server's listener for Kafka clients: made from the settings, with TLS and users that are read anew when their files
// change.
import { MECHANISMS, type Mechanism } from '../kafka/auth/mechanisms.ts';
import { credentialsOf, currentCredentials, type CurrentCredentials } from '../kafka/auth/stored-users.ts';
import { startKafkaGateway, type KafkaGateway, type KafkaGatewayOptions } from '../kafka/gateway.ts';
import type { ReportedEnd } from '../kafka/end-reports.ts';
import { CliError } from './exit.ts';
import { followFiles } from './follow-files.ts';
import { explainListen } from './http-server.ts';
import { loadTls } from './tls-files.ts';
import { isOpenToOthers, readUsersFile } from './users-file.ts';
import type { TlsOptions } from 'node:tls';
import type { Logger } from 'pino';
import type { Broker } from '../broker/broker.ts';
import type { KafkaOptions, TlsFiles } from './kafka-options.ts';
import type { Terminal } from './terminal.ts';

export interface KafkaListenerDeps {
  readonly terminal: Pick<Terminal, 'clock' | 'dice'>;
  readonly broker: Broker;
  readonly logger: Logger;
  readonly onSent?: KafkaGatewayOptions['onSent'];
}

/** A certificate that ends within this time is warned of. */
const EXPIRES_SOON_MS = 14 * 86_400_000;

/** Listens until it is stopped. Throws CliErrors that name the setting: a port that is taken, files that are wrong. */
export async function startKafkaListener(
  deps: KafkaListenerDeps,
  options: KafkaOptions,
  port: number,
): Promise<KafkaGateway> {
  const tls = options.tls && (await readTls(deps, options.tls));
  const credentials = options.usersFile === undefined ? undefined : await openUsers(deps, options.usersFile);
  warnOfOpenDoor(deps.logger, options);
  const gateway = await listen(deps, options, {
    port,
    ...(tls && { tls }),
    ...(credentials && { authentication: { credentials, mechanisms: mechanismsOf(options) } }),
  });
  const stopping = new AbortController();
  const following = followAll(deps, options, { gateway, credentials, signal: stopping.signal });
  return {
    ...gateway,
    stop: async () => {
      stopping.abort();
      await Promise.all([gateway.stop(), following]);
    },
  };
}

async function listen(
  { terminal: { clock, dice }, broker, logger, onSent }: KafkaListenerDeps,
  { host, advertised }: KafkaOptions,
  own: Pick<KafkaGatewayOptions, 'port' | 'tls' | 'authentication'>,
): Promise<KafkaGateway> {
  const onConnectionEnded = ({ error, ...end }: ReportedEnd) => {
    logger.warn({ err: error, ...end }, 'a connection of a Kafka client was ended');
  };
  const shared = {
    ...{ broker, clock, dice, host, onConnectionEnded },
    ...(advertised && { advertised }),
    ...(onSent && { onSent }),
  };
  try {
    return await startKafkaGateway({ ...shared, ...own });
  } catch (error) {
    const why = explainListen(error as NodeJS.ErrnoException, host, own.port, {
      port: 'WADI_KAFKA_PORT',
      host: 'WADI_KAFKA_HOST',
    });
    throw new CliError(why, { cause: error });
  }
}

/** A password itself is only as safe as what carries it. */
const mechanismsOf = ({ plain, tls }: KafkaOptions): readonly Mechanism[] =>
  MECHANISMS.filter((one) => one !== 'PLAIN' || plain === 'always' || (plain === 'with-tls' && tls));

async function readTls(
  { terminal: { clock }, logger }: KafkaListenerDeps,
  files: TlsFiles,
): Promise<TlsOptions> {
  const { options, expiresAtMs } = await loadTls(files, clock.now());
  const expiresAt = new Date(expiresAtMs).toISOString();
  if (expiresAtMs - clock.now() < EXPIRES_SOON_MS)
    logger.warn({ certificate: files.certificate, expiresAt }, 'the certificate expires soon');
  return options;
}

async function openUsers({ logger }: KafkaListenerDeps, path: string): Promise<CurrentCredentials> {
  const users = await readUsersFile(path);
  if (users.size === 0) logger.warn({ path }, 'there are no users yet: nobody can log in');
  if (await isOpenToOthers(path)) logger.warn({ path }, 'others may read or change the users: chmod 600');
  return currentCredentials(credentialsOf(users));
}

function warnOfOpenDoor(logger: Logger, { host, advertised, usersFile, tls }: KafkaOptions): void {
  if (/^(0\.0\.0\.0|::)$/.test(host) && !advertised)
    logger.warn(
      { host },
      'Kafka clients of other machines are told to connect to it: set WADI_KAFKA_ADVERTISED',
    );
  if (isLoopback(host) || usersFile !== undefined || tls?.clientCa !== undefined) return;
  logger.warn({ host }, 'any Kafka client that reaches this address may read and write');
}

/** Whether only this machine reaches the address. */
export const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host);

interface Followed {
  readonly gateway: KafkaGateway;
  readonly credentials: CurrentCredentials | undefined;
  readonly signal: AbortSignal;
}

/** What files say that are wrong changes nothing: the server goes on with what it has. */
async function followAll(
  deps: KafkaListenerDeps,
  { tls, usersFile }: KafkaOptions,
  { gateway, credentials, signal }: Followed,
): Promise<void> {
  const { logger, terminal } = deps;
  const follow = (paths: readonly string[], reread: () => Promise<void>) =>
    followFiles(
      paths,
      async () => {
        try {
          await reread();
          logger.info({ paths }, 'files have changed, and are in use');
        } catch (error) {
          logger.error(
            { err: error, paths },
            'files have changed and are wrong: what was before stays in use',
          );
        }
      },
      { clock: terminal.clock, signal },
    );
  await Promise.all([
    tls &&
      follow([tls.certificate, tls.key, ...(tls.clientCa === undefined ? [] : [tls.clientCa])], async () => {
        gateway.setTls(await readTls(deps, tls));
      }),
    usersFile !== undefined &&
      credentials &&
      follow([usersFile], async () => {
        credentials.replace(credentialsOf(await readUsersFile(usersFile)));
      }),
  ]);
}
