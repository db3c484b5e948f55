// What an actor is. A feature brings its actors, its set-up and its checks; the run knows nothing else of it.
import type { SimDice } from '../dice.ts';
import type { History } from '../history.ts';
import type { Member, World } from '../world.ts';

export interface ActorContext {
  readonly world: World;
  readonly dice: SimDice;
  readonly name: string;
}

/** Acts until the world is ending, or until it is done. */
export type Actor = (context: ActorContext) => Promise<void>;

export interface Feature {
  readonly name: string;
  /** Before anything goes wrong. */
  readonly prepare?: (world: World, member: Member) => Promise<void>;
  /** Drawn from the dice: who acts in this run. */
  readonly actors: (dice: SimDice, world: World) => readonly Actor[];
  /** After the last fault: what must come to its end by a process that nothing befalls. */
  readonly finish?: (world: World, member: Member) => Promise<void>;
  /** Pure: what is wrong with what happened. */
  readonly checks: readonly ((history: History) => readonly string[])[];
}

/** Busy, idle for a while, or away for hours. */
export const drawPauseMs = ({ dice, world }: Pick<ActorContext, 'dice' | 'world'>): number => {
  if (dice.chance(0.7)) return dice.spread(1, 200);
  return world.pace * dice.spread(200, dice.chance(0.3) ? 4 * 3_600_000 : 60_000);
};
