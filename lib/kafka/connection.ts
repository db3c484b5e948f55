// One connection: requests in, answers out in their order. It reads no faster than it answers, and answers no faster than
// the client reads.
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { answerRequest, openRequest, type OpenRequest } from './answer-request.ts';
import { FrameSplitter } from './frame-splitter.ts';
import type { Socket } from 'node:net';
import type { Authenticator } from './auth/authenticator.ts';
import type { NewAuthenticator } from './auth/authentication.ts';
import type { HandlerDeps } from './handlers/handler.ts';
import type { Reading, ReadingTurns } from './reading-turns.ts';

const SIZE_BYTES = 4;

/** Why a connection has ended. `error`: undefined where the client has gone, or was silent for too long. */
export interface ConnectionEnd {
  /** As Kafka shows it: `/127.0.0.1`. */
  readonly clientHost: string;
  readonly clientPort: number;
  readonly error: BrokerError | undefined;
}

export interface ConnectionDeps extends HandlerDeps {
  readonly turns: ReadingTurns;
  /** Undefined: nobody need authenticate. */
  readonly newAuthenticator?: NewAuthenticator;
  readonly onEnded: (end: ConnectionEnd) => void;
  /** Told of bytes of answers that the system has taken: nothing here uses them any more. */
  readonly onSent?: (bytes: Uint8Array) => void;
}

/** A request under way: whether others may begin beside it, and when it is over, which is never a rejection. */
interface UnderWay {
  readonly mayOverlap: boolean;
  readonly isOver: Promise<void>;
}

/** Serves the socket until either side ends it. Owns the socket. */
export class Connection implements Reading {
  readonly #deps: ConnectionDeps;
  readonly #socket: Socket;
  readonly #splitter: FrameSplitter;
  readonly #gone = new AbortController();
  readonly #queue: Buffer[] = [];
  readonly #clientHost: string;
  readonly #clientPort: number;
  readonly #authenticator: Authenticator | undefined;
  #underWay: UnderWay[] = [];
  #sending: Promise<void> = Promise.resolve();
  #isWorking = false;
  #isStopping = false;
  #heldBytes = 0;
  #receivedAtMs: number;
  #frameBeganAtMs: number;
  #error: BrokerError | undefined;
  readonly ended: Promise<void>;

  constructor(deps: ConnectionDeps, socket: Socket) {
    this.#deps = deps;
    this.#socket = socket;
    this.#splitter = new FrameSplitter(() => this.#frameBytesMax());
    this.#clientHost = `/${socket.remoteAddress ?? 'unknown'}`;
    this.#clientPort = socket.remotePort ?? 0;
    this.#authenticator = deps.newAuthenticator?.();
    this.#receivedAtMs = deps.clock.now();
    this.#frameBeganAtMs = this.#receivedAtMs;
    deps.turns.join(this);
    this.ended = this.#listen();
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get lackingBytes(): number {
    return this.#splitter.lackingBytes;
  }

  get frameBeganAtMs(): number {
    return this.#frameBeganAtMs;
  }

  get receivedAtMs(): number {
    return this.#receivedAtMs;
  }

  get isAmidFrame(): boolean {
    return this.#splitter.bufferedBytes > 0 && this.#requestCount === 0;
  }

  /** Those that wait, the one that is about to begin, and those that are under way. */
  get #requestCount(): number {
    return this.#queue.length + (this.#isWorking ? 1 : 0) + this.#underWay.length;
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

  end(error: BrokerError): void {
    this.#fail(error);
  }

  wake(): void {
    this.#readOrPause();
  }

  #listen(): Promise<void> {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setTimeout(this.#deps.limits.idleMsMax, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('end', () => {
      this.#gone.abort();
    });
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    return new Promise((resolve) => {
      socket.once('close', () => {
        this.#close();
        resolve();
      });
    });
  }

  #close(): void {
    this.#gone.abort();
    this.#queue.length = 0;
    this.#giveBack(this.#heldBytes);
    this.#deps.turns.leave(this);
    const [clientHost, clientPort] = [this.#clientHost, this.#clientPort];
    this.#deps.onEnded({ clientHost, clientPort, error: this.#error });
  }

  #fail(thrown: unknown): void {
    this.#error ??= toBrokerError(thrown);
    this.#socket.destroy();
  }

  #frameBytesMax(): number {
    const { frameBytesMax, nobodysFrameBytesMax } = this.#deps.limits;
    return this.#authenticator?.isAuthenticated === false ? nobodysFrameBytesMax : frameBytesMax;
  }

  #receive(chunk: Buffer): void {
    this.#receivedAtMs = this.#deps.clock.now();
    this.#heldBytes += chunk.length;
    this.#deps.turns.take(chunk.length);
    const isNewFrame = this.#splitter.bufferedBytes === 0;
    try {
      const frames = this.#splitter.push(chunk);
      if (isNewFrame || frames.length > 0) this.#frameBeganAtMs = this.#receivedAtMs;
      this.#queue.push(...frames);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!this.#isWorking) void this.#work();
    this.#readOrPause();
  }

  /** Gives back what is held still: what a connection that has ended held was given back by its end. */
  #giveBack(bytes: number): void {
    const held = Math.min(bytes, this.#heldBytes);
    this.#heldBytes -= held;
    this.#deps.turns.giveBack(this, held);
  }

  #readOrPause(): void {
    if (this.#socket.destroyed) return;
    const mayRead = !this.#isFull && this.#deps.turns.mayRead(this);
    if (mayRead !== this.#socket.isPaused()) return;
    if (mayRead) this.#socket.resume();
    else this.#socket.pause();
  }

  /** It has so much to do that nothing more is taken until some of it is done. */
  get #isFull(): boolean {
    const { requestsPerConnectionMax, connectionBytesMax } = this.#deps.limits;
    const count = this.#requestCount;
    return count >= requestsPerConnectionMax || (count > 0 && this.#heldBytes >= connectionBytesMax);
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
        await this.#sending;
        this.#fail(error);
        break;
      }
    }
    this.#isWorking = false;
    this.#readOrPause();
  }

  async #begin(frame: Buffer): Promise<void> {
    this.#authenticator?.checkFrame();
    const request = openRequest(frame);
    const { mayOverlap = false } = request.handler;
    const { requestsPerConnectionMax } = this.#deps.limits;
    while (this.#underWay.some((one) => !(mayOverlap && one.mayOverlap))) await this.#underWay[0]?.isOver;
    while (this.#underWay.length >= requestsPerConnectionMax) await this.#underWay[0]?.isOver;
    await this.#whenRead();
    if (this.#isStopping || this.#socket.destroyed) return;
    this.#authenticator?.check(request.header.apiKey);
    const isOver = this.#answerInOrder(request, frame.length + SIZE_BYTES);
    this.#sending = isOver;
    const one = { mayOverlap, isOver };
    this.#underWay.push(one);
    void isOver.then(() => {
      this.#underWay = this.#underWay.filter((other) => other !== one);
      this.#readOrPause();
    });
  }

  /** Carries the request out at once, and sends its answer after those of all that were begun before. Never rejects. */
  async #answerInOrder(request: OpenRequest, heldBytes: number): Promise<void> {
    const before = this.#sending;
    const answer = await this.#answer(request).catch((error: unknown) => ({ error }));
    await before;
    this.#giveBack(heldBytes);
    if ('error' in answer) {
      this.#fail(answer.error);
      return;
    }
    if (answer.chunks) await this.#send(answer.chunks);
    for (const release of answer.released) release();
    if (answer.isLast) this.#socket.destroySoon();
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

  /** Resolves when the client has taken what was sent before, or the connection has ended. */
  async #whenRead(): Promise<void> {
    const socket = this.#socket;
    while (socket.writableNeedDrain && !socket.destroyed) {
      await new Promise<void>((resolve) => {
        const isOver = () => {
          socket.off('drain', isOver).off('close', isOver);
          resolve();
        };
        socket.once('drain', isOver).once('close', isOver);
      });
    }
  }

  async #send(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#socket.destroyed) return;
    this.#socket.cork();
    for (const [at, chunk] of chunks.entries())
      this.#socket.write(chunk, at === chunks.length - 1 ? this.#tellSent(chunks) : undefined);
    this.#socket.uncork();
    if (!this.#socket.writableNeedDrain) return;
    const taken = new AbortController();
    void this.#endIfNotTaken(taken.signal);
    await this.#whenRead();
    taken.abort();
  }

  #tellSent(chunks: readonly Uint8Array[]): ((error?: Error | null) => void) | undefined {
    const { onSent } = this.#deps;
    return (
      onSent &&
      ((error) => {
        if (!error) for (const chunk of chunks) onSent(chunk);
      })
    );
  }

  /** Memory that others lack is not kept for a client that does not take its answer. */
  async #endIfNotTaken(taken: AbortSignal): Promise<void> {
    const { clock, limits, answerBytes } = this.#deps;
    for (;;) {
      await clock.sleep(limits.unreadMsMax, taken);
      if (taken.aborted) return;
      if (!answerBytes.isSpent) continue;
      const message = `the memory for answers is spent, and one was not read in ${limits.unreadMsMax} ms`;
      this.#fail(new BrokerError('REQUEST_TIMED_OUT', message));
    }
  }
}
