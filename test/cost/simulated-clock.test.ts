// The clock of simulations.
import { expect, it } from 'vitest';
import { SimulatedClock } from '../../lib/cost/simulated-clock.ts';

it('lets time pass only while all sleep, and wakes in the order of times', async () => {
  const clock = new SimulatedClock(1_000);
  const woken: [string, number][] = [];
  const sleep = async (name: string, durationMs: number) => {
    await clock.sleep(durationMs);
    woken.push([name, clock.now()]);
  };
  await Promise.all([
    sleep('late', 20),
    sleep('early', 10),
    sleep('same', 20),
    sleep('first', 5).then(() => sleep('again', 5)),
  ]);
  expect(woken).toEqual([
    ['first', 1_005],
    ['early', 1_010],
    ['again', 1_010],
    ['late', 1_020],
    ['same', 1_020],
  ]);
});

it('wakes at once whose signal is aborted, without moving time', async () => {
  const clock = new SimulatedClock(0);
  const wake = new AbortController();
  const sleeping = clock.sleep(3_600_000, wake.signal);
  const waking = clock.sleep(10).then(() => {
    wake.abort();
  });
  await Promise.all([sleeping, waking]);
  expect(clock.now()).toBe(10);
  await clock.sleep(50, wake.signal);
  expect(clock.now()).toBe(10);
});
