// Stands in for Lambda's runtime: loads the bundle of its working folder, and calls the handler for each message.
import { PassThrough } from 'node:stream';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Invocation {
  readonly id: number;
  readonly event: unknown;
  readonly remainingMs: number;
}

/** What a streaming handler writes comes as heads and chunks before its answer. */
export type Reply =
  | { readonly id: number; readonly kind: 'answer'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'error'; readonly name: string; readonly message: string }
  | { readonly id: number; readonly kind: 'head'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'chunk'; readonly text: string }
  | { readonly id: -1; readonly kind: 'ready' | 'failed'; readonly message?: string };

type Handler = (event: unknown, context: object) => Promise<unknown>;
type StreamHandler = (event: unknown, stream: PassThrough, context: object) => Promise<void>;

const reply = (message: Reply) => process.send?.(message);
const streamId = Symbol('id');

/** As Lambda's Node runtime has it (AWS Lambda, "Writing response streaming-enabled functions"). */
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse:
      (handler: StreamHandler): Handler =>
      async (event, context) => {
        const { id } = context as { id: number };
        const stream = Object.assign(new PassThrough(), { [streamId]: id });
        stream.on('data', (chunk: Buffer) => reply({ id, kind: 'chunk', text: chunk.toString() }));
        await handler(event, stream, context);
      },
    HttpResponseStream: {
      from: (stream: PassThrough & { [streamId]: number }, value: unknown) => {
        reply({ id: stream[streamId], kind: 'head', value });
        return stream;
      },
    },
  },
});

async function invoke(handler: Handler, { id, event, remainingMs }: Invocation): Promise<void> {
  const endMs = Date.now() + remainingMs;
  const context = {
    ...{ id, awsRequestId: `request-${id}`, functionName: 'under-test', functionVersion: '$LATEST' },
    ...{ invokedFunctionArn: 'arn:under-test', memoryLimitInMB: '512' },
    getRemainingTimeInMillis: () => endMs - Date.now(),
  };
  try {
    reply({ id, kind: 'answer', value: await handler(event, context) });
  } catch (error) {
    const { name, message } = error as Error;
    reply({ id, kind: 'error', name, message });
  }
}

try {
  const { handler } = (await import(pathToFileURL(join(process.cwd(), 'index.mjs')).href)) as {
    handler: Handler;
  };
  process.on('message', (invocation: Invocation) => void invoke(handler, invocation));
  reply({ id: -1, kind: 'ready' });
} catch (error) {
  reply({ id: -1, kind: 'failed', message: (error as Error).message });
}
