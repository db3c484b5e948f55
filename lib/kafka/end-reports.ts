// Tells of connections that were ended for a reason, but of a flood of them only so many: who is attacked should not drown in
// its own log.
import type { Clock } from '../base/clock.ts';
import type { BrokerError } from '../base/errors.ts';
import type { ConnectionEnd } from './connection.ts';

/** A connection that was ended, and how many before it were not told of. */
export interface ReportedEnd extends ConnectionEnd {
  readonly error: BrokerError;
  readonly untold: number;
}

/** So many in one period; what is left out is counted in the first report of a later one. */
export const REPORTS_PER_PERIOD = 20;
export const PERIOD_MS = 10_000;

/** A listener for all ends, which passes on those with an error. */
export function boundReports(
  clock: Clock,
  report: ((end: ReportedEnd) => void) | undefined,
): (end: ConnectionEnd) => void {
  let periodEndsAtMs = -Infinity;
  let told = 0;
  let untold = 0;
  return ({ error, ...client }) => {
    if (!error || !report) return;
    const now = clock.now();
    if (now >= periodEndsAtMs || now < periodEndsAtMs - PERIOD_MS) {
      periodEndsAtMs = now + PERIOD_MS;
      told = 0;
    }
    if (told >= REPORTS_PER_PERIOD) {
      untold++;
      return;
    }
    told++;
    report({ ...client, error, untold });
    untold = 0;
  };
}
