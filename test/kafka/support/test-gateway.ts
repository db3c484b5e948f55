// A gateway over a broker in memory, with clients that end with it.
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createSystemDice } from '../../../lib/base/dice.ts';
import { startKafkaGateway, type KafkaGatewayOptions } from '../../../lib/kafka/gateway.ts';
import { brokerOver, memoryStoresOn } from '../../broker/memory-broker.ts';
import { TestClient } from './test-client.ts';
import type { BrokerError } from '../../../lib/base/errors.ts';

export type GatewayUnderTest = Awaited<ReturnType<typeof startTestGateway>>;

/** On a free port of this machine, with the system's clock unless the options have another. */
export async function startTestGateway(options: Partial<KafkaGatewayOptions> = {}) {
  const clock = options.clock ?? createSystemClock();
  const stores = memoryStoresOn(clock);
  const { broker } = brokerOver(stores, { autoCreateTopics: false });
  const ends: (BrokerError | undefined)[] = [];
  const gateway = await startKafkaGateway({
    ...{ broker, clock, dice: createSystemDice(), host: '127.0.0.1', port: 0 },
    onConnectionEnded: ({ error }) => ends.push(error),
    ...options,
  });
  const clients: TestClient[] = [];
  return {
    ...{ broker, gateway, stores },
    /** Why connections ended, in their order. */
    ends,
    address: `${gateway.host}:${gateway.port}`,
    connect: async () => {
      const client = await TestClient.open(gateway);
      clients.push(client);
      return client;
    },
    stop: async () => {
      for (const client of clients) client.close();
      await gateway.stop();
    },
  };
}
