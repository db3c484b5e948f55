// One read of a consumer: keep the membership, commit what was delivered before, deliver what there is, or wait for it.
import { commitDelivered } from './commit.ts';
import { illegalState } from './consumer-errors.ts';
import { afterDelivery, touched, withPartitions } from './instance-state.ts';
import { keepMembership } from './membership.ts';
import { readableOf, readPage, type Page } from './page.ts';
import { findPositions } from './start-positions.ts';
import { openSession, saveSession, withAttempts, type ConsumerDeps, type Session } from './session.ts';
import type { InstanceId } from '../../groups/instances.ts';

/** What a read is asked for. */
export interface ReadOptions {
  /** Bytes of keys and values, one record excepted. */
  readonly maxBytes: number;
  readonly deadlineMs: number;
  readonly clientHost: string;
  /** Aborted when the client has gone: nothing is delivered then. */
  readonly signal: AbortSignal;
}

/**
 * Reads records as JSON texts, none where none came in time. They count as delivered when this resolves. Where another call
 * for the consumer was first, the read begins again with what that has left. Throws 40403, 40601, 40903, 40904, 41601.
 */
// Kafka differs: as in Kafka REST, an answer that is lost on its way is not delivered again by reading on; a client that
// must not miss records commits by itself, and seeks back to the committed offset when a call has failed.
export function readRecords(
  deps: ConsumerDeps,
  id: InstanceId,
  options: ReadOptions,
): Promise<readonly string[]> {
  return withAttempts(deps, id, async () => {
    const kept = await keepMembership(deps, await openSession(deps, id), options.clientHost);
    return kept && readOn(deps, await commitDelivered(deps, kept), options);
  });
}

async function readOn(
  deps: ConsumerDeps,
  begun: Session,
  options: ReadOptions,
): Promise<readonly string[] | undefined> {
  let session = begun;
  for (let pass = 0; ; pass++) {
    const { config, subscription, partitions } = session.instance;
    if (!subscription && partitions.length === 0)
      throw illegalState('the consumer is not subscribed to any topics or assigned any partitions');
    session = await findPositions(deps, session);
    const page = await readPage(deps, session.instance.partitions, { config, maxBytes: options.maxBytes });
    const isLate = options.signal.aborted || deps.clock.now() >= options.deadlineMs;
    const isEnough = page.isFull || (page.texts.length > 0 && page.payloadBytes >= config.fetchMinBytes);
    // Only now is known where to read: a read that does not wait is to look there.
    const hasOnlyMoved = !isEnough && page.texts.length === 0 && page.moves.length > 0;
    if (isEnough || (isLate && !(hasOnlyMoved && pass === 0))) return deliver(deps, session, page, options);
    if (hasOnlyMoved) {
      session = { ...session, instance: withPartitions(session.instance, page.moves) };
      continue;
    }
    await waitForMore(deps, session, page, options);
    const kept = await keepMembership(deps, session, options.clientHost);
    if (!kept) return undefined;
    session = kept;
  }
}

/** Stores where reading has got to; only then is the page the caller's. undefined: another call was first. */
async function deliver(
  deps: ConsumerDeps,
  session: Session,
  page: Page,
  { signal }: ReadOptions,
): Promise<readonly string[] | undefined> {
  const isDelivered = !signal.aborted;
  const moved = isDelivered ? afterDelivery(session.instance, page.moves) : session.instance;
  const instance = touched(moved, deps.clock.now());
  if (!(await saveSession(deps, { ...session, instance }))) return undefined;
  if (!isDelivered) return [];
  if (page.texts.length === 0 && page.failure) throw page.failure;
  return page.texts;
}

/** Returns when there is more than the page has, when the next heartbeat is due, or when the time is over. */
async function waitForMore(
  { broker, clock }: ConsumerDeps,
  { instance }: Session,
  page: Page,
  { deadlineMs, signal }: ReadOptions,
): Promise<void> {
  const untilMs = instance.subscription ? Math.min(deadlineMs, instance.heartbeatDueMs) : deadlineMs;
  const waitMs = Math.max(0, untilMs - clock.now());
  const found = new AbortController();
  const ended = AbortSignal.any([signal, found.signal]);
  const watched = readableOf(withPartitions(instance, page.moves).partitions);
  const look = async ({ topic, topicId, partition, position: offset }: (typeof watched)[number]) => {
    const place = { topic, topicId, partition, offset };
    const { batches } = await broker.fetch({ ...place, maxBytes: 1, maxWaitMs: waitMs, signal: ended });
    if (batches.length > 0) found.abort();
  };
  // What fails here fails again in the read that follows, which tells of it.
  const looks = watched.map((one) => look(one).catch(() => undefined));
  await Promise.all([clock.sleep(waitMs, ended), ...looks]);
}
