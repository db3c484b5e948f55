// Several gateways over one store: each a process of its own, which may be ended and started again where it was.
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startFakeS3 } from '../../../storage/s3/support/fake-s3.ts';
import { startDynoxide } from '../../../support/dynoxide.ts';
import { freePort } from '../../../support/free-port.ts';
import { start, stop, type Running } from '../../support/processes.ts';

const SCRIPT = fileURLToPath(new URL('gateway-process.ts', import.meta.url));

export interface GatewayPlace {
  readonly address: string;
  /** Ends it by the signal, and answers its exit code (null where the signal killed it) and what it complained of. */
  end(signal: NodeJS.Signals): Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
  /** Starts it again at the same address. */
  begin(): Promise<void>;
}

export interface Gateways {
  readonly places: readonly GatewayPlace[];
  close(): Promise<void>;
}

/** Starts the emulators and so many gateways. */
export async function startGateways(count: number): Promise<Gateways> {
  const [dynamodb, s3] = await Promise.all([startDynoxide(), startFakeS3()]);
  const places = await Promise.all(
    Array.from({ length: count }, async () => {
      const place = new Place([dynamodb.endpoint, s3.endpoint], await freePort());
      await place.begin();
      return place;
    }),
  );
  const close = async () => {
    await Promise.all(places.map((place) => place.end('SIGKILL')));
    await Promise.all([dynamodb.close(), s3.close()]);
  };
  return { places, close };
}

class Place implements GatewayPlace {
  readonly #endpoints: readonly string[];
  readonly #port: number;
  readonly address: string;
  #running: Running | undefined;

  constructor(endpoints: readonly string[], port: number) {
    this.#endpoints = endpoints;
    this.#port = port;
    this.address = `127.0.0.1:${port}`;
  }

  async begin(): Promise<void> {
    const running = start(process.execPath, [SCRIPT, ...this.#endpoints, this.#port.toString()]);
    this.#running = running;
    const { process: child, stdout } = running;
    while (!stdout().includes('ready')) {
      if (child.exitCode !== null) throw new Error(`a gateway did not start: ${running.stderr()}`);
      if (child.stdout) await Promise.race([once(child.stdout, 'data'), running.ended]);
    }
  }

  async end(signal: NodeJS.Signals) {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return { exitCode: null, stderr: '' };
    return stop(running, signal);
  }
}
