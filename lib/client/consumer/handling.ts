// Who is inside a handler of a consumer, and with which records: a call that waits for the handlers would wait for itself there.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Delivery } from './delivery.ts';

interface Handling {
  readonly consumer: object;
  /** Undefined once the handler has returned: what it left behind may wait like everybody, and outlive many records. */
  delivery: Delivery | undefined;
}

const current = new AsyncLocalStorage<Handling>();

/** Calls `handle` as a handler of `consumer` for `delivery`, and answers what it answers. */
export async function handleFor<T>(
  { consumer, delivery }: { readonly consumer: object; readonly delivery: Delivery },
  handle: () => Promise<T>,
): Promise<T> {
  const handling: Handling = { consumer, delivery };
  try {
    return await current.run(handling, handle);
  } finally {
    handling.delivery = undefined;
  }
}

/** What the caller was given, where that is a handler of `consumer` that has not returned, or was called by one. */
export function handledBy(consumer: object): Delivery | undefined {
  const handling = current.getStore();
  return handling?.consumer === consumer ? handling.delivery : undefined;
}

/** Whether the caller is a handler of `consumer` that has not returned, or was called by one. */
export const isHandlerOf = (consumer: object): boolean => handledBy(consumer) !== undefined;
