// The SASL mechanisms that are served, and the hash of each.

/** In the order in which they are told to clients. */
export const MECHANISMS = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'] as const;

export type Mechanism = (typeof MECHANISMS)[number];

/** A hash that salted keys are made with. */
export type Hash = 'sha256' | 'sha512';

/** The hash of a mechanism's keys. PLAIN has none of its own: passwords are kept as keys all the same. */
export const HASHES = {
  'SCRAM-SHA-512': 'sha512',
  'SCRAM-SHA-256': 'sha256',
  PLAIN: 'sha512',
} as const satisfies Record<Mechanism, Hash>;

/** The mechanism of a name, or undefined. */
export const mechanismOf = (name: string): Mechanism | undefined => MECHANISMS.find((one) => one === name);
