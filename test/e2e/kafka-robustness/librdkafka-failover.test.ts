// librdkafka's idempotent producer, by kcat, with both gateways in its list, while each of them is killed and comes back, and both are down for
// a while: what
// it says it has delivered is there once, and in order.
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DYNOXIDE_PATH, NO_DYNOXIDE } from '../../support/dynoxide.ts';
import { start } from '../support/processes.ts';
import { startGateways } from './support/gateways.ts';
import { makeTopic, numbersByKey, readAll, TOPIC } from './support/ledger-clients.ts';

const KEYS = 10;
const ROUNDS = 400;

const hasKcat = spawnSync('kcat', ['-V']).status === 0;
const missing = [
  ...(hasKcat ? [] : ['kcat is not on the PATH: apt-get install kcat']),
  ...(DYNOXIDE_PATH === undefined ? [NO_DYNOXIDE] : []),
];
if (missing.length > 0) console.warn(`librdkafka failover: skipped: ${missing.join('; ')}`);

it.skipIf(missing.length > 0)(
  'kcat with enable.idempotence: each gateway is killed, then both are down, and every record is there once',
  { timeout: 120_000 },
  async () => {
    const gateways = await startGateways(2);
    try {
      const [a, b] = gateways.places;
      const both = gateways.places.map(({ address }) => address);
      await makeTopic(both);
      const settings = ['enable.idempotence=true', 'linger.ms=5', 'reconnect.backoff.max.ms=500'];
      const producer = start('kcat', [
        // -E: it goes on when all brokers are down for a while, as other programs on librdkafka do.
        ...['-P', '-E', '-b', both.join(','), '-t', TOPIC, '-K', ':'],
        ...settings.flatMap((one) => ['-X', one]),
      ]);
      const feeding = (async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const lines = Array.from({ length: KEYS }, (_, key) => `k${key}:${round}\n`);
          producer.process.stdin?.write(lines.join(''));
          await sleep(20);
        }
        producer.process.stdin?.end();
      })();
      await sleep(1_500);
      await a?.end('SIGKILL');
      await sleep(1_000);
      await a?.begin();
      await b?.end('SIGKILL');
      await sleep(1_000);
      await a?.end('SIGKILL');
      await sleep(1_000);
      await Promise.all([a?.begin(), b?.begin()]);
      await feeding;
      const { exitCode, stderr } = await producer.ended;
      expect({ exitCode, stderr }).toMatchObject({
        exitCode: 0,
        stderr: expect.not.stringContaining('Delivery failed') as unknown,
      });
      const stored = await readAll(both);
      const numbers = Array.from({ length: ROUNDS }, (_, round) => round);
      const expected = new Map(Array.from({ length: KEYS }, (_, key) => [`k${key}`, numbers]));
      expect(stored.length).toBe(KEYS * ROUNDS);
      expect(numbersByKey(stored)).toEqual(expected);
    } finally {
      await gateways.close();
    }
  },
);
