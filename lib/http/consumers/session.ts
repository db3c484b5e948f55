// One call's hold on a consumer: what was read, what it has become, and the conditional write that makes it so.
import type { Context } from 'hono';
import { pathParameter } from '../request.ts';
import { instanceBusy, instanceNotFound } from './consumer-errors.ts';
import { touched } from './instance-state.ts';
import type { ConsumerInstance, InstanceId, Instances, StoredInstance } from '../../groups/instances.ts';
import type { ConsumeDeps } from '../route.ts';

/** What calls for consumers work on. */
export interface ConsumerDeps extends Pick<ConsumeDeps, 'broker' | 'clock' | 'dice'> {
  readonly instances: Instances;
}

/** Of a process's dependencies, those. */
export function consumerDepsOf({ broker, clock, dice }: ConsumeDeps): ConsumerDeps {
  return { broker, clock, dice, instances: broker.instances };
}

/** A consumer as a call sees it. */
export interface Session {
  readonly id: InstanceId;
  /** As it is stored. */
  readonly stored: StoredInstance;
  /** As it is to be stored. */
  readonly instance: ConsumerInstance;
}

/** The consumer that the path names. */
export const instanceIdOf = (c: Context): InstanceId => ({
  groupId: pathParameter(c, 'group'),
  name: pathParameter(c, 'instance'),
});

/** Throws 40403. */
export async function openSession({ instances }: ConsumerDeps, id: InstanceId): Promise<Session> {
  const stored = await instances.get(id);
  if (!stored) throw instanceNotFound(id);
  return { id, stored, instance: stored.instance };
}

/** Stores what the consumer has become. undefined: another call was first, and the session is over. */
export async function saveSession(
  { instances }: ConsumerDeps,
  session: Session,
): Promise<Session | undefined> {
  const { id, stored, instance } = session;
  if (instance === stored.instance) return session;
  const replaced = await instances.replace(id, stored, instance);
  return replaced && { id, stored: replaced, instance: replaced.instance };
}

/** How often a call begins again where other calls for the same consumer come first. */
const ATTEMPTS_MAX = 10;
const PAUSE_MS_MAX = 100;

/** Runs `attempt` until it returns something: undefined says that another call was first. Throws 40904. */
export async function withAttempts<Answer>(
  { clock, dice }: ConsumerDeps,
  id: InstanceId,
  attempt: () => Promise<Answer | undefined>,
): Promise<Answer> {
  for (let count = 0; count < ATTEMPTS_MAX; count++) {
    if (count > 0) await clock.sleep(dice.random() * PAUSE_MS_MAX);
    const answer = await attempt();
    if (answer !== undefined) return answer;
  }
  throw instanceBusy(id);
}

/**
 * Changes a consumer: reads it, asks `change` what it is to be, stores that; from the top where another call was first.
 * `change` returns undefined where it noticed that itself. Resolves to what is stored. Throws 40403, 40904.
 */
export function changeInstance(
  deps: ConsumerDeps,
  id: InstanceId,
  change: (session: Session) => Session | undefined | Promise<Session | undefined>,
): Promise<ConsumerInstance> {
  return withAttempts(deps, id, async () => {
    const changed = await change(await openSession(deps, id));
    if (!changed) return undefined;
    const instance = touched(changed.instance, deps.clock.now());
    return (await saveSession(deps, { ...changed, instance }))?.instance;
  });
}
