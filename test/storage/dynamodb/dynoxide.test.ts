// The DynamoDB adapter passes the conformance suite on dynoxide.
import { describe, it } from 'vitest';
import { describeItemStore } from '../../conformance/item-store.ts';
import type { ItemStore } from '../../../lib/storage/ports/item-store.ts';
import type { Opened } from '../../conformance/suite.ts';
import { DYNOXIDE_PATH, NO_DYNOXIDE, openEmulatedStore, startDynoxide } from '../../support/dynoxide.ts';

/** What the emulator does otherwise than DynamoDB. */
const DYNOXIDE_SKIPS = {
  'sizeBelow counts UTF-8 bytes of a string': 'dynoxide 1.2.1 counts characters',
};

async function openOnDynoxide(): Promise<Opened<ItemStore>> {
  const emulator = await startDynoxide();
  const store = openEmulatedStore(emulator.endpoint);
  return {
    store,
    close: async () => {
      await store.close();
      await emulator.close();
    },
  };
}

if (DYNOXIDE_PATH === undefined) {
  describe('item store: DynamoDB on dynoxide', () => {
    it.skip(`(skipped: ${NO_DYNOXIDE})`);
  });
} else {
  describeItemStore('DynamoDB on dynoxide', openOnDynoxide, { skips: DYNOXIDE_SKIPS });
}
