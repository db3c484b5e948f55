// The DynamoDB adapter passes the conformance suite on dynoxide.
import { describe, it } from 'vitest';
import { describeItemStore } from '../../conformance/item-store.ts';
import { DYNOXIDE_PATH, NO_DYNOXIDE, startDynoxide } from '../../support/dynoxide.ts';
import { openOn } from '../../support/emulator.ts';

/** What the emulator does otherwise than DynamoDB. */
const DYNOXIDE_SKIPS = {
  'sizeBelow counts UTF-8 bytes of a string':
    'size() counts characters, as in DynamoDB Local; the log asks for sizes of ASCII only',
};

if (DYNOXIDE_PATH === undefined) {
  describe('item store: DynamoDB on dynoxide', () => {
    it.skip(`(skipped: ${NO_DYNOXIDE})`);
  });
} else {
  describeItemStore('DynamoDB on dynoxide', () => openOn(startDynoxide), { skips: DYNOXIDE_SKIPS });
}
