// Counts what a consumer group costs that has nothing to do: its members tell that they are there, each in a process of its
// own, by the tables and not by HTTP.
import { MONTH_SECONDS } from './load.ts';
import { SimulatedAccount, type GroupMember } from './simulated-account.ts';
import { scale, type Tally } from './tally.ts';

/** Long beside a session of 45 s. */
const SECONDS = 1_800;

/** By then the members have come together. */
const JOIN_SECONDS = 120;

/** A month of the group. Zero members cost nothing. */
export async function countGroup(members: number): Promise<Tally> {
  if (members === 0) return new Map();
  const account = await SimulatedAccount.open(members);
  const group = account.groupMembers(members);
  const end = new AbortController();
  const beating = group.members.map((member) => beat(account, member, end.signal));
  await account.clock.sleep(JOIN_SECONDS * 1_000);
  group.reset();
  await account.clock.sleep(SECONDS * 1_000);
  const tally = group.tally();
  end.abort();
  await Promise.all(beating);
  return scale(tally, MONTH_SECONDS / SECONDS);
}

/** Begins at any time, as members do. */
async function beat(
  { clock, dice }: SimulatedAccount,
  member: GroupMember,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = 5_000 * dice.random();
  for (;;) {
    await clock.sleep(pauseMs, signal);
    if (signal.aborted) return;
    pauseMs = await member.beat();
  }
}
