// The server as a process of its own, as Kafka clients reach it.
import { kafkaAddressOf, startServer, type Env, type ServerProcess } from '../../support/processes.ts';

export interface KafkaServer extends ServerProcess {
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

/** As `npm start` sets it: else the C library keeps what large buffers have left, a heap for each of Node's threads. */
const ONE_ARENA = { MALLOC_ARENA_MAX: '1' };

/** Starts it on free ports; the folder of the data is in `env`. */
export async function startKafkaServer(env: Env): Promise<KafkaServer> {
  const server = await startServer({ WADI_KAFKA_PORT: '0', ...ONE_ARENA, ...env });
  const address = kafkaAddressOf(server);
  const [host = '', port] = address.split(':');
  return { ...server, host, port: Number(port), address };
}

/** A line of the server's log about a connection that was ended. */
export interface EndLine {
  readonly msg: string;
  readonly clientHost: string;
  readonly clientPort: number;
  readonly untold: number;
  readonly err: { readonly code: string; readonly message: string };
}

/** What the server has said of connections that it ended. */
export const endLines = (server: KafkaServer): readonly EndLine[] =>
  server
    .stderr()
    .split('\n')
    .filter((line) => line.includes('was ended'))
    .map((line) => JSON.parse(line) as EndLine);
