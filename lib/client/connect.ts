// The connections that stand on much: each loads it (SQLite, the AWS SDK) only when it is made, so that a client over HTTP
// loads none of it.
import type { Client } from './client.ts';
import type { EmbeddedOptions } from './connect-embedded.ts';
import type { InAccountOptions } from './connect-in-account.ts';

/**
 * A client with the log in this process, in `dataDir`; it maintains the log as a server does. Throws KAFKA_STORAGE_ERROR, not
 * retriable, where another process has it, and what the file system says where it cannot be made.
 */
export async function connectEmbedded(options: EmbeddedOptions): Promise<Client> {
  const loaded = await import('./connect-embedded.ts');
  return loaded.connectEmbedded(options);
}

/**
 * A client of a deployed log, over DynamoDB and S3 themselves; the first call of the client connects. `env` is read as the
 * log's functions read theirs (WADI_TABLES, WADI_BUCKET). Throws INVALID_CONFIG where that is not complete. Topics are not
 * made by their first record.
 */
export async function connectInAccount(options: InAccountOptions): Promise<Client> {
  const loaded = await import('./connect-in-account.ts');
  return loaded.connectInAccount(options);
}
