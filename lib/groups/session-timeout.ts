// How long members may be silent: what they may ask for. Pure.
import { BrokerError } from '../base/errors.ts';
import type { GroupLimits } from './limits.ts';

/** Throws INVALID_SESSION_TIMEOUT. */
export function checkSessionTimeout(sessionTimeoutMs: number, limits: GroupLimits): void {
  const { sessionTimeoutMsMin, sessionTimeoutMsMax } = limits;
  if (sessionTimeoutMs >= sessionTimeoutMsMin && sessionTimeoutMs <= sessionTimeoutMsMax) return;
  throw new BrokerError(
    'INVALID_SESSION_TIMEOUT',
    `session timeout must be from ${sessionTimeoutMsMin} to ${sessionTimeoutMsMax} ms, got ${sessionTimeoutMs}`,
    { field: 'sessionTimeoutMs' },
  );
}
