// What the actors of one run share.
import type { Audit } from './audit.ts';
import type { Clients } from './clients.ts';
import type { Dice } from './dice.ts';
import type { Network } from './network.ts';
import type { Rules } from './rules.ts';
import type { Workload } from './workload.ts';

export interface World {
  readonly rules: Rules;
  readonly workload: Workload;
  readonly dice: Dice;
  readonly audit: Audit;
  readonly clients: Clients;
  readonly network: Network;
  busyWriters: number;
}
