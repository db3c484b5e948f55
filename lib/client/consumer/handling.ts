// Who is inside a handler of a consumer: a call that waits for the handlers would wait for itself there.
import { AsyncLocalStorage } from 'node:async_hooks';

interface Handling {
  readonly consumer: object;
  /** False once the handler has returned: what it left behind may wait like everybody. */
  isRunning: boolean;
}

const current = new AsyncLocalStorage<Handling>();

/** Calls `handle` as a handler of `consumer`, and answers what it answers. */
export async function handleFor<T>(consumer: object, handle: () => Promise<T>): Promise<T> {
  const handling: Handling = { consumer, isRunning: true };
  try {
    return await current.run(handling, handle);
  } finally {
    handling.isRunning = false;
  }
}

/** Whether the caller is a handler of `consumer` that has not returned, or was called by one. */
export function isHandlerOf(consumer: object): boolean {
  const handling = current.getStore();
  return handling?.consumer === consumer && handling.isRunning;
}
