// Runs deployed functions as Lambda does: one process each, the environment of the template, events in, answers out.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stop } from '../../support/emulator.ts';
import type { DeployedFunction } from './deployment.ts';
import type { Invocation, Reply } from './lambda-process.ts';

const RUNTIME = fileURLToPath(new URL('lambda-process.ts', import.meta.url));

/** What a function that has failed says, in Lambda's words. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A stream under way. */
export interface StreamAnswer {
  readonly head: Promise<{ statusCode: number; headers: Record<string, string> }>;
  readonly text: () => string;
  readonly ended: Promise<void>;
}

export class LambdaFunction {
  readonly #process: ChildProcess;
  readonly #replies = new Map<number, (reply: Reply) => void>();
  #output = '';
  #lastId = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', (reply: Reply) => this.#replies.get(reply.id)?.(reply));
    const note = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    process.stdout?.on('data', note);
    process.stderr?.on('data', note);
  }

  /** Starts a function, whose bundle is loaded when this resolves. `env` goes over its own environment. */
  static async start(
    { folder, environment, name }: DeployedFunction,
    env: Readonly<Record<string, string>>,
  ): Promise<LambdaFunction> {
    const child = fork(RUNTIME, [], {
      cwd: folder,
      env: { ...environment, AWS_LAMBDA_FUNCTION_NAME: name, AWS_REGION: 'us-east-1', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
    });
    const started = new LambdaFunction(child);
    const [first] = (await once(child, 'message')) as [Reply];
    if (first.kind === 'failed') throw new FunctionError(first.message);
    return started;
  }

  /** What it has written to its log, metrics among it. */
  get output(): string {
    return this.#output;
  }

  /** Throws FunctionError where the handler rejects. */
  invoke(event: unknown, { remainingMs = 600_000 } = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#send(event, remainingMs, (reply) => {
        if (reply.kind === 'answer') resolve(reply.value);
        if (reply.kind === 'error') reject(new FunctionError(`${reply.name}: ${reply.message}`));
      });
    });
  }

  /** A request as an HTTP API hands it over (payload format 2.0). */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const answer = (await this.invoke(httpEvent(request))) as {
      statusCode: number;
      headers: Record<string, string>;
      body: string;
      isBase64Encoded: boolean;
    };
    const body = answer.isBase64Encoded ? Buffer.from(answer.body, 'base64').toString() : answer.body;
    const isJson = answer.headers['content-type']?.includes('json') ?? false;
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: isJson ? (JSON.parse(body) as unknown) : body,
    };
  }

  /** A request to a function URL that streams. */
  stream(request: HttpRequest): StreamAnswer {
    let text = '';
    const head = Promise.withResolvers<{ statusCode: number; headers: Record<string, string> }>();
    const ended = Promise.withResolvers<undefined>();
    this.#send(httpEvent(request), 600_000, (reply) => {
      if (reply.kind === 'head') head.resolve(reply.value as never);
      if (reply.kind === 'chunk') text += reply.text;
      if (reply.kind === 'answer') ended.resolve(undefined);
      if (reply.kind === 'error') ended.reject(new FunctionError(`${reply.name}: ${reply.message}`));
    });
    return { head: head.promise, text: () => text, ended: ended.promise };
  }

  /** Ends the process, whatever it does. */
  end(): Promise<void> {
    return stop(this.#process);
  }

  #send(event: unknown, remainingMs: number, onReply: (reply: Reply) => void): void {
    const id = ++this.#lastId;
    this.#replies.set(id, onReply);
    const invocation: Invocation = { id, event, remainingMs };
    this.#process.send(invocation);
  }
}

function httpEvent({ method, path, query = '', headers = {}, body }: HttpRequest) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'wadi.test', 'content-type': 'application/json', ...headers },
    requestContext: {
      domainName: 'wadi.test',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
      requestId: 'request',
      stage: '$default',
    },
    ...(body === undefined
      ? { isBase64Encoded: false }
      : { isBase64Encoded: true, body: Buffer.from(asText(body)).toString('base64') }),
  };
}

const asText = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));
