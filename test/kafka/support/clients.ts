// Real clients of others, set to give up soon.
import { Admin as PlatformaticAdmin, type SASLOptions as PlatformaticSasl } from '@platformatic/kafka';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';

export interface ClientOptions {
  readonly broker: string;
  readonly sasl?: SASLOptions;
}

/** kafkajs. It says nothing, and tries once. */
export function kafkaJs({ broker, sasl }: ClientOptions): Kafka {
  return new Kafka({
    ...{ clientId: 'kafkajs', brokers: [broker], logLevel: logLevel.NOTHING },
    ...{ retry: { retries: 0 }, connectionTimeout: 3_000, requestTimeout: 10_000 },
    ...(sasl && { sasl }),
  });
}

/** The administrator of @platformatic/kafka. It tries once. */
export function platformaticAdmin(broker: string, sasl?: PlatformaticSasl): PlatformaticAdmin {
  return new PlatformaticAdmin({
    ...{ clientId: 'platformatic', bootstrapBrokers: [broker], retries: 0, timeout: 10_000 },
    ...(sasl && { sasl }),
  });
}
