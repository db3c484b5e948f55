// One connection: requests in, answers out in their order. It reads no faster than it answers, and answers no faster than
// the client reads.
import { once } from 'node:events';
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { answerRequest, openRequest, type OpenRequest } from './answer-request.ts';
import { FrameSplitter } from './frame-splitter.ts';
import type { Socket } from 'node:net';
import type { Authenticator } from './auth/authenticator.ts';
import type { NewAuthenticator } from './auth/authentication.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { HandlerDeps } from './handlers/handler.ts';

export interface ConnectionDeps extends HandlerDeps {
  /** Of requests that are not answered yet. */
  readonly requestBytes: ByteBudget;
  /** Undefined: nobody need authenticate. */
  readonly newAuthenticator?: NewAuthenticator;
  /** Told why a connection was ended; undefined: the client has gone. */
  readonly onEnded?: (clientHost: string, error: BrokerError | undefined) => void;
}

/** The frames of those who are nobody yet are short: Kafka's sasl.server.max.receive.size. */
const NOBODYS_FRAME_BYTES_MAX = 512 * 1024;

/** A request under way: whether others may begin beside it, and when it is over. */
interface UnderWay {
  readonly mayOverlap: boolean;
  readonly isOver: Promise<void>;
}

/** Serves the socket until either side ends it. Owns the socket. */
export class Connection {
  readonly #deps: ConnectionDeps;
  readonly #socket: Socket;
  readonly #splitter: FrameSplitter;
  readonly #gone = new AbortController();
  readonly #queue: Buffer[] = [];
  readonly #clientHost: string;
  readonly #authenticator: Authenticator | undefined;
  #underWay: UnderWay[] = [];
  #sending: Promise<void> = Promise.resolve();
  #isWorking = false;
  #isStopping = false;
  #heldBytes = 0;
  #error: BrokerError | undefined;
  readonly ended: Promise<void>;

  constructor(deps: ConnectionDeps, socket: Socket) {
    this.#deps = deps;
    this.#socket = socket;
    this.#splitter = new FrameSplitter(deps.limits.frameBytesMax);
    this.#clientHost = `/${socket.remoteAddress ?? 'unknown'}`;
    this.#authenticator = deps.newAuthenticator?.();
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.#end();
        resolve();
      });
    });
    socket.setNoDelay(true);
    socket.setTimeout(deps.limits.idleMsMax, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('end', () => {
      this.#gone.abort();
    });
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
  }

  /** Answers what is under way, and takes nothing more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#gone.abort();
    await Promise.all(this.#underWay.map(({ isOver }) => isOver));
    await this.#sending;
    this.#socket.end();
  }

  /** Ends it now. */
  destroy(): void {
    this.#socket.destroy();
  }

  #end(): void {
    this.#gone.abort();
    this.#deps.requestBytes.giveBack(this.#heldBytes);
    this.#heldBytes = 0;
    this.#queue.length = 0;
    this.#deps.onEnded?.(this.#clientHost, this.#error);
  }

  #fail(thrown: unknown): void {
    this.#error ??= toBrokerError(thrown);
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#hold(chunk.length);
    try {
      for (const frame of this.#splitter.push(chunk)) this.#queue.push(frame);
      this.#checkBuffered();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#queue.length === 0) this.#pauseWhileSpent();
    else if (!this.#isWorking) void this.#work();
    if (this.#queue.length >= this.#deps.limits.requestsPerConnectionMax) this.#socket.pause();
  }

  #checkBuffered(): void {
    const { bufferedBytes } = this.#splitter;
    if (bufferedBytes <= NOBODYS_FRAME_BYTES_MAX || this.#authenticator?.isAuthenticated !== false) return;
    const message = `before authentication a request has at most ${NOBODYS_FRAME_BYTES_MAX} bytes, got ${bufferedBytes}`;
    throw new BrokerError('INVALID_REQUEST', message);
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#deps.requestBytes.take(bytes);
  }

  #giveBack(bytes: number): void {
    const held = Math.min(bytes, this.#heldBytes);
    this.#heldBytes -= held;
    this.#deps.requestBytes.giveBack(held);
  }

  /** Who has begun a frame may end it, however little is left: else all who have begun one would wait for each other. */
  #pauseWhileSpent(): void {
    if (!this.#deps.requestBytes.isSpent || this.#splitter.bufferedBytes > 0) return;
    this.#socket.pause();
    void this.#deps.requestBytes.whenFree().then(() => this.#socket.resume());
  }

  /** Begins one request after the other, as far as their order and the limits allow. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let frame = this.#queue.shift(); frame; frame = this.#queue.shift()) {
      if (this.#socket.destroyed || this.#isStopping) break;
      try {
        await this.#begin(frame);
      } catch (error) {
        // Answers to what came before are on their way still.
        await this.#sending.catch(() => undefined);
        this.#fail(error);
        break;
      }
      if (this.#queue.length < this.#deps.limits.requestsPerConnectionMax / 2) this.#socket.resume();
    }
    this.#isWorking = false;
  }

  async #begin(frame: Buffer): Promise<void> {
    this.#authenticator?.checkFrame();
    const request = openRequest(frame);
    const { mayOverlap = false } = request.handler;
    const { requestsPerConnectionMax } = this.#deps.limits;
    while (this.#underWay.some((one) => !(mayOverlap && one.mayOverlap))) await this.#underWay[0]?.isOver;
    while (this.#underWay.length >= requestsPerConnectionMax) await this.#underWay[0]?.isOver;
    await this.#whenRead();
    if (this.#isStopping) return;
    this.#authenticator?.check(request.header.apiKey);
    const answering = this.#answer(request);
    const before = this.#sending;
    const isOver = answering.then(
      async ({ chunks, released, isLast }) => {
        await before;
        this.#giveBack(frame.length + 4);
        if (chunks) await this.#send(chunks);
        for (const release of released) release();
        if (isLast) this.#socket.destroySoon();
      },
      (error: unknown) => {
        this.#fail(error);
      },
    );
    this.#sending = isOver;
    const one = { mayOverlap, isOver };
    this.#underWay.push(one);
    void isOver.finally(() => {
      this.#underWay = this.#underWay.filter((other) => other !== one);
    });
  }

  async #answer(request: OpenRequest): Promise<{
    readonly chunks: readonly Uint8Array[] | undefined;
    readonly released: readonly (() => void)[];
    readonly isLast: boolean;
  }> {
    const released: (() => void)[] = [];
    let isLast = false;
    const context = {
      ...this.#deps,
      apiVersion: request.header.apiVersion,
      clientId: request.header.clientId ?? '',
      clientHost: this.#clientHost,
      signal: this.#gone.signal,
      authenticator: this.#authenticator,
      endAfterAnswer: (error: BrokerError) => {
        this.#error ??= error;
        this.#isStopping = true;
        isLast = true;
      },
      onAnswered: (release: () => void) => {
        released.push(release);
      },
    };
    try {
      const chunks = await answerRequest(context, request);
      return { chunks, released, isLast };
    } catch (error) {
      for (const release of released) release();
      throw error;
    }
  }

  /** Resolves when the client has taken what was sent before. */
  async #whenRead(): Promise<void> {
    while (this.#socket.writableNeedDrain && !this.#socket.destroyed)
      await Promise.race([once(this.#socket, 'drain'), this.ended]);
  }

  async #send(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#socket.destroyed) return;
    this.#socket.cork();
    for (const chunk of chunks) this.#socket.write(chunk);
    this.#socket.uncork();
    await this.#whenRead();
  }
}
