// Readers follow the log by offset.
import { tailOf, type Head, type Row } from './log.ts';
import { read, type Actor } from './network.ts';
import type { World } from './world.ts';

export interface Reader {
  offset: number;
  isReading: boolean;
}

/** Lets a reader, if it is not reading already, read on from its offset to the end of the log. */
export function* readOn({ rules, dice, audit }: World, reader: Reader): Actor {
  if (reader.isReading) return;
  reader.isReading = true;
  for (;;) {
    const { offset } = reader;
    const view = dice.chance(0.3)
      ? yield* read('someHead', (table) => table.someHead())
      : yield* read('getHead', (table) => table.head);
    if (view.status !== 'open' || offset >= view.next) break;
    const row = (yield* rowWith(view, offset)) ?? (rules.retake ? undefined : yield* rowAfter(view, offset));
    if (row) reader.offset = audit.read(row, offset, 1 + dice.pick(6));
  }
  reader.isReading = false;
}

const kindOf = ({ sealedEnd }: Head, offset: number) => (offset < sealedEnd ? 'segments' : 'pages');

function* rowWith(view: Head, offset: number): Actor<Row | undefined> {
  if (offset >= view.tailStart) return tailOf(view);
  const isSealed = kindOf(view, offset) === 'segments';
  const { row } = isSealed
    ? yield* read('segmentAt', (table) => table.segmentAt(offset))
    : yield* read('pageAt', (table) => table.pageAt(offset));
  return row;
}

function* rowAfter(view: Head, offset: number): Actor<Row | undefined> {
  const { row } = yield* read('rowAfter', (table) => table.rowAfter(kindOf(view, offset), offset));
  return row;
}
