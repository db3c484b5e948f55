// Chaos: processes freeze for hours, die at any moment, and come anew.
import { drawPauseMs, type Actor } from './actor.ts';

/** Longer than hot data lives. */
const FREEZE_MS_MAX = 10 * 3_600_000;

export const chaos: Actor = async ({ world, dice }) => {
  for (;;) {
    await world.pause(drawPauseMs({ dice, world }) * dice.spread(1, 30));
    if (world.isEnding) return;
    const { process } = world.anyMember(dice);
    if (dice.chance(0.5)) {
      world.count('frozen');
      const durationMs = dice.spread(100, FREEZE_MS_MAX);
      world.trace.note(process.name, `freezes for ${Math.round(durationMs)} ms`);
      process.freeze(durationMs);
    } else {
      world.count('killed');
      world.trace.note(process.name, 'dies');
      process.kill();
    }
    if (world.members.length < 3 || dice.chance(0.3)) world.start();
  }
};
