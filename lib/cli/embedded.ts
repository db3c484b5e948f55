// The embedded log as the commands open it: it writes to the server's log what happens in the background, and failures to open
// are the command line's errors.
import type { Logger } from 'pino';
import { toBrokerError } from '../base/errors.ts';
import {
  openEmbedded as open,
  type Embedded,
  type EmbeddedOptions as OpenOptions,
} from '../embedded/open-embedded.ts';
import { CliError } from './exit.ts';

export interface EmbeddedOptions extends Omit<OpenOptions, 'onSealed' | 'onError'> {
  readonly logger: Logger;
}

/**
 * Opens the log in `dataDir`, making it if it is not there. Throws a CliError that names the folder where another process
 * has it, where it cannot be written, where the disk is full, and where it holds what this version does not know.
 */
export async function openEmbedded({ logger, ...options }: EmbeddedOptions): Promise<Embedded> {
  try {
    return await open({
      ...options,
      onSealed: (partitionId, { segments, bytes }) => {
        logger.info({ partitionId, segments, bytes }, 'sealed');
      },
      onError: (what, error) => {
        logger.error({ err: error }, `${what} failed and is tried again`);
      },
    });
  } catch (error) {
    const { dataDir } = options;
    const { message } = toBrokerError(error);
    throw new CliError(message.includes(dataDir) ? message : `${dataDir}: ${message}`, { cause: error });
  }
}
