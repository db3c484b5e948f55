// Seals in the background of an embedded client what its appends make due, so that logs do not grow in small pieces.
import { type BrokerError, toBrokerError } from '../base/errors.ts';
import type { Log } from '../log/log.ts';

/** Seals one partition after the other. Owned by one client; ends with `stop`. */
export class Sealer {
  readonly #due = new Set<string>();
  readonly #onError: (error: BrokerError) => void;
  #running: Promise<void> | undefined;
  #isStopping = false;

  constructor(onError: (error: BrokerError) => void) {
    this.#onError = onError;
  }

  /** Seals the partition as soon as those before it are done. */
  sealSoon(log: Log, partitionId: string): void {
    this.#due.add(partitionId);
    if (!this.#isStopping) this.#running ??= this.#run(log);
  }

  /** Resolves when the pass under way is done; no other begins. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async #run(log: Log): Promise<void> {
    for (const partitionId of this.#due) {
      if (this.#isStopping) break;
      this.#due.delete(partitionId);
      await this.#seal(log, partitionId);
    }
    this.#running = undefined;
  }

  /** A failure is nobody's loss: the next append that finds the partition due asks again, and so does a server's sweep. */
  async #seal(log: Log, partitionId: string): Promise<void> {
    try {
      while (!this.#isStopping && (await log.seal(partitionId)).segments > 0);
    } catch (error) {
      this.#onError(toBrokerError(error));
    }
  }
}
