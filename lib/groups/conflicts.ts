// Others who write the same group: how long to wait for them, and what is said when that takes too long.
import { BrokerError, type Outcome } from '../base/errors.ts';
import type { GroupDeps } from './group-deps.ts';

const PAUSE_MS = 20;
const PAUSE_MS_MAX = 1_000;

/** Waits after so many failures: up to twice as long each time, by the dice, so that many do not come back together. */
export async function pauseAfter(
  failures: number,
  { clock, dice }: Pick<GroupDeps, 'clock' | 'dice'>,
): Promise<void> {
  await clock.sleep(Math.min(PAUSE_MS * 2 ** failures, PAUSE_MS_MAX) * dice.random());
}

/** `cause`: what failed last; undefined: others were first, each time. */
export function givenUp(groupId: string, outcome: Outcome, cause?: BrokerError): BrokerError {
  const why = cause ? `: ${cause.message}` : ', as others write it all the time';
  return new BrokerError(
    'COORDINATOR_LOAD_IN_PROGRESS',
    `group ${groupId} could not be changed in time${why}`,
    {
      outcome,
      ...(cause && { cause }),
    },
  );
}
