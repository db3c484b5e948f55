// Every client that the tests know.
import { KAFKAJS } from './kafkajs.ts';
import { KCAT } from './kcat.ts';
import { PLATFORMATIC } from './platformatic.ts';
import { GO_CLIENT, JAVA_CLIENT } from './programs.ts';
import { isHere, type ClientKind } from './client-kind.ts';

/** Those that are here. Says aloud which are not. */
export const clientsHere = (): readonly ClientKind[] =>
  [KAFKAJS, PLATFORMATIC, KCAT, JAVA_CLIENT, GO_CLIENT].filter(isHere);
