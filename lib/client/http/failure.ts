// What can be told of a request that failed: from an error's body, and from what fetch threw.
import type { Outcome } from '../../base/errors.ts';

const OUTCOMES: readonly unknown[] = ['not-applied', 'applied', 'unknown'] satisfies Outcome[];

/** An error's body as an object; an empty one where it is none, as where a proxy wrote it. */
export function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** undefined: it is none. */
export const outcomeIn = (outcome: unknown): Outcome | undefined =>
  OUTCOMES.includes(outcome) ? (outcome as Outcome) : undefined;

/** Failures of a connection before a byte of the request could leave. */
const NEVER_SENT = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** Whether a byte of the request may have left, by the code of the failure. */
export const wasPerhapsSent = (code: string | undefined): boolean =>
  code === undefined || !NEVER_SENT.includes(code);
