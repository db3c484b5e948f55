// A client of the Kafka protocol for tests: it sends requests of any version over a socket, and reads the answers.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FrameSplitter } from '../../../lib/kafka/frame-splitter.ts';
import { decodeResponse, encodeRequest } from '../../../lib/kafka/protocol/frames.ts';
import { createReader } from '../../../lib/kafka/protocol/reader.ts';
import type { ApiSchema, Decoded, Encodable } from '../../../lib/kafka/protocol/schema.ts';

export class TestClient {
  readonly #socket: Socket;
  readonly #splitter = new FrameSplitter(() => 100_000_000);
  readonly #frames: Uint8Array[] = [];
  readonly #waiting: (() => void)[] = [];
  #reading: Promise<unknown> = Promise.resolve();
  #correlationId = 0;
  isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#frames.push(...this.#splitter.push(chunk));
      this.#wake();
    });
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static async open({ host, port }: { readonly host: string; readonly port: number }): Promise<TestClient> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    return new TestClient(socket);
  }

  /** Sends a request and reads its answer. Rejects where the gateway ends the connection instead. */
  async send<A extends ApiSchema>(
    schema: A,
    apiVersion: number,
    body: Encodable<A['request']>,
  ): Promise<Decoded<A['response']>> {
    const correlationId = this.post(schema, apiVersion, body);
    const answer = decodeResponse(schema, apiVersion, createReader(await this.nextFrame()));
    if (answer.correlationId !== correlationId)
      throw new Error(`expected ${correlationId}, got ${answer.correlationId}`);
    return answer.body;
  }

  /** The next answer as bytes, after all that are awaited already. */
  nextFrame(): Promise<Uint8Array> {
    const next = this.#reading.then(() => this.#takeFrame());
    this.#reading = next.catch(() => undefined);
    return next;
  }

  /** Sends bytes with their size before them. */
  sendBytes(bytes: Uint8Array): void {
    const size = Buffer.alloc(4);
    size.writeInt32BE(bytes.length);
    this.#socket.write(Buffer.concat([size, bytes]));
  }

  /** Sends bytes as they are. */
  sendRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends a request and leaves its answer to `nextFrame`. Returns the correlation id. */
  post<A extends ApiSchema>(schema: A, apiVersion: number, body: Encodable<A['request']>): number {
    const { apiKey } = schema;
    const correlationId = ++this.#correlationId;
    const header = { apiKey, apiVersion, correlationId, clientId: 'test-client' };
    this.#socket.write(Buffer.concat(encodeRequest(schema, header, body)));
    return correlationId;
  }

  /** Bytes that the gateway has not taken. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Reads nothing more, until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends the connection as a process that dies does: by a reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Resolves when the gateway has ended the connection. */
  async closed(): Promise<void> {
    while (!this.isClosed) await this.#change();
  }

  close(): void {
    this.#socket.destroy();
  }

  async #takeFrame(): Promise<Uint8Array> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) return frame;
      if (this.isClosed) throw new Error('the gateway has closed the connection');
      await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
