// The server as a process, for Kafka clients.
import { kafkaAddressOf, startServer, stop, temporaryFolder, type Env } from '../../support/processes.ts';

export interface KafkaServer {
  readonly url: string;
  /** Where Kafka clients connect to: `host:port`. */
  readonly kafka: string;
  /** Its log so far, as text. */
  readonly log: () => string;
  /** Ends it, and removes its folder. Rejects where it did not end cleanly. */
  readonly stop: () => Promise<void>;
}

/** Starts a server in a folder of its own, on free ports. Topics are made when they are first named, with one partition. */
export async function startKafkaServer(env: Env = {}): Promise<KafkaServer> {
  const folder = temporaryFolder();
  const server = await startServer({ WADI_DATA_DIR: folder.path, ...env });
  return {
    ...{ url: server.url, kafka: kafkaAddressOf(server), log: server.stderr },
    stop: async () => {
      const { exitCode, stderr } = await stop(server);
      folder[Symbol.dispose]();
      if (exitCode !== 0) throw new Error(`the server ended with ${exitCode}: ${stderr}`);
    },
  };
}
