// The DynamoDB adapter passes the conformance suite on Amazon's own emulator, where Java is and somebody asks for it.
import { describe, it } from 'vitest';
import { describeItemStore } from '../../conformance/item-store.ts';
import { NO_DYNAMODB_LOCAL, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { openOn } from '../../support/emulator.ts';

/** Where DynamoDB Local departs from the port. */
const skips = {
  'sizeBelow counts UTF-8 bytes of a string':
    'size() counts characters; the log asks for sizes of ASCII only',
};

if (NO_DYNAMODB_LOCAL === undefined) {
  describeItemStore('DynamoDB Local', () => openOn(startDynamoDbLocal), { skips });
} else {
  describe('item store: DynamoDB Local', () => {
    it.skip(`(skipped: ${NO_DYNAMODB_LOCAL ?? ''})`);
  });
}
