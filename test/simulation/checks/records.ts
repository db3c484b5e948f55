// What must be true of records: none lost, none twice, none that was refused, each where it was said to be.
import {
  isBefore,
  ofKind,
  type FinalPartition,
  type Fetched,
  type History,
  type Produced,
} from '../history.ts';
import { MAIN_TOPIC } from '../actors/topics.ts';

const inPartition = (
  { topic, partition }: Pick<FinalPartition, 'topic' | 'partition'>,
  event: Pick<Produced, 'topic' | 'partition'>,
): boolean => event.topic === topic && event.partition === partition;

/** Partitions of the topic that stays: of others, what was acknowledged may have been deleted since. */
const stayingPartitions = ({ final }: History) => final.filter(({ topic }) => topic === MAIN_TOPIC);

/** Acknowledged: there, at the offsets that were answered. Refused: not there. Nothing twice, nothing from nowhere. */
export function checkStored(history: History): readonly string[] {
  return stayingPartitions(history).flatMap((final) => {
    const produced = ofKind(history, 'produce').filter((event) => inPartition(final, event));
    const wrong: string[] = [];
    const places = new Map<string, number[]>();
    final.values.forEach((value, offset) => places.set(value, [...(places.get(value) ?? []), offset]));
    const sent = new Set(produced.flatMap(({ values }) => values));
    const acknowledged = new Set(
      produced.filter(({ outcome }) => outcome === 'ok').flatMap(({ values }) => values),
    );
    const open = new Set(
      produced
        .filter(({ outcome }) => outcome === 'unknown' || outcome === 'pending')
        .flatMap(({ values }) => values),
    );
    for (const [value, offsets] of places) {
      if (offsets.length > 1)
        wrong.push(`${value} is there ${offsets.length} times, at ${offsets.join(', ')}`);
      if (!sent.has(value)) wrong.push(`${value} is there, and nobody has sent it`);
      else if (!acknowledged.has(value) && !open.has(value))
        wrong.push(`${value} is there, though each time it was sent it was said not to be applied`);
    }
    for (const { outcome, values, baseOffset = -1 } of produced) {
      if (outcome !== 'ok') continue;
      values.forEach((value, index) => {
        const found = final.values[baseOffset + index];
        if (found !== value)
          wrong.push(`${value} was acknowledged at ${baseOffset + index}, where ${found ?? 'nothing'} is`);
      });
    }
    return wrong;
  });
}

/** Every reader saw what is there in the end: no offset ever had two values, and none was passed over. */
export function checkReads(history: History): readonly string[] {
  return stayingPartitions(history).flatMap((final) =>
    ofKind(history, 'fetch')
      .filter((event) => inPartition(final, event) && event.outcome === 'ok')
      .flatMap((event) => checkRead(final, event)),
  );
}

function checkRead(final: FinalPartition, { actor, offset, firstOffset, values, highWatermark }: Fetched) {
  const wrong: string[] = [];
  values.forEach((value, index) => {
    const there = final.values[firstOffset + index];
    if (there !== value)
      wrong.push(
        `${actor} read ${value} at ${firstOffset + index}, where ${there ?? 'nothing'} is in the end`,
      );
  });
  const isAtOffset = firstOffset <= offset && offset < firstOffset + values.length;
  if (values.length > 0 && !isAtOffset)
    wrong.push(`${actor} asked for ${offset} and got what begins at ${firstOffset}`);
  if (values.length === 0 && offset < highWatermark)
    wrong.push(`${actor} got nothing at ${offset}, below the high watermark ${highWatermark}`);
  return wrong;
}

/**
 * Appends and looks at the end are linearizable. Offsets order the appends, so it suffices that whatever was over before
 * another began stands before it: an append below a later append, below a later end, and an end not above a later append.
 */
export function checkOrder(history: History): readonly string[] {
  return stayingPartitions(history).flatMap((final) => {
    const marks = marksOf(history, final);
    const wrong: string[] = [];
    const byStart = marks.toSorted((a, b) => a.startStep - b.startStep);
    const byEnd = marks.toSorted((a, b) => a.endStep - b.endStep);
    let ended = 0;
    let highest: (typeof marks)[number] | undefined;
    for (const mark of byStart) {
      for (let over = byEnd[ended]; over && over.endStep < mark.startStep; over = byEnd[++ended]) {
        if (!highest || over.from > highest.from) highest = over;
      }
      if (highest && mark.upTo < highest.from)
        wrong.push(`${mark.what} came after ${highest.what} of ${final.topic}-${final.partition}`);
    }
    return wrong;
  });
}

/** What a call shows of a log's end: it was at least at `from` when the call was over, and at most `upTo` when it began. */
function marksOf(history: History, final: FinalPartition) {
  const appends = ofKind(history, 'produce')
    .filter((event) => inPartition(final, event) && event.outcome === 'ok' && event.producerId === undefined)
    .map(({ startStep, endStep, baseOffset = 0, values }) => {
      const what = `an append at ${baseOffset}`;
      return { startStep, endStep, what, from: baseOffset + values.length, upTo: baseOffset };
    });
  const ends = ofKind(history, 'fetch')
    .filter((event) => inPartition(final, event) && event.outcome === 'ok')
    .map(({ startStep, endStep, highWatermark }) => {
      const what = `the high watermark ${highWatermark}`;
      return { startStep, endStep, what, from: highWatermark, upTo: highWatermark };
    });
  const looks = ofKind(history, 'listOffset')
    .filter((event) => inPartition(final, event) && event.outcome === 'ok' && event.at === 'latest')
    .map(({ startStep, endStep, offset }) => {
      const what = `the end ${offset}`;
      return { startStep, endStep, what, from: offset, upTo: offset };
    });
  return [...appends, ...ends, ...looks];
}

/** Of each idempotent producer: every sequence once, in order, none left out below one that is there. */
export function checkSequences(history: History): readonly string[] {
  return stayingPartitions(history).flatMap(({ topic, partition, sequences }) => {
    const next = new Map<bigint, number>();
    return sequences.flatMap((one, offset) => {
      if (!one) return [];
      const expected = next.get(one.producerId) ?? 0;
      next.set(one.producerId, one.sequence + 1);
      return one.sequence === expected
        ? []
        : [
            `${topic}-${partition} has sequence ${one.sequence} of producer ${one.producerId} at ${offset}, expected ${expected}`,
          ];
    });
  });
}

/** A producer that sends its batches in order, each until it is stored, is never told that one is out of order. */
export function checkOutOfOrder(history: History): readonly string[] {
  return ofKind(history, 'produce').flatMap(({ producerId, values, error }) =>
    producerId !== undefined && error?.code === 'OUT_OF_ORDER_SEQUENCE_NUMBER'
      ? [`${values.join(' ')} of producer ${producerId} was called out of order: ${error.message}`]
      : [],
  );
}

/** A lookup by time never skips: no record that was there when it began and is young enough stands before its answer. */
export function checkTimestamps(history: History): readonly string[] {
  return stayingPartitions(history).flatMap((final) => {
    const acknowledged = ofKind(history, 'produce').filter(
      (event) => inPartition(final, event) && event.outcome === 'ok',
    );
    return ofKind(history, 'listOffset')
      .filter((event) => inPartition(final, event) && event.outcome === 'ok' && typeof event.at === 'number')
      .flatMap((event) => {
        const at = event.at as number;
        const skipped = acknowledged.find(
          (produced) =>
            isBefore(produced, event) &&
            (final.timestampsMs[produced.baseOffset ?? 0] ?? 0) >= at &&
            (event.offset < 0 || (produced.baseOffset ?? 0) < event.offset),
        );
        if (skipped)
          return [
            `a lookup of ${at} answered ${event.offset}, past the record at ${skipped.baseOffset ?? -1}`,
          ];
        const found = event.offset < 0 ? undefined : final.timestampsMs[event.offset];
        return found !== undefined && found < at
          ? [`a lookup of ${at} answered ${event.offset}, which is of ${found}`]
          : [];
      });
  });
}

/** A topic that is made again shares nothing with the one before: what it holds was sent after the deletion began. */
export function checkRecreated(history: History): readonly string[] {
  const deletions = ofKind(history, 'delete').filter(({ outcome }) => outcome === 'ok');
  const produced = ofKind(history, 'produce');
  return ofKind(history, 'fetch').flatMap((fetched) => {
    if (fetched.topic === MAIN_TOPIC || fetched.outcome !== 'ok') return [];
    return fetched.values.flatMap((value) => {
      const sent = produced.find(({ values }) => values.includes(value));
      if (!sent) return [`${fetched.actor} read ${value}, which nobody has sent`];
      const gone = deletions.find(
        (deletion) =>
          deletion.topic === fetched.topic && isBefore(sent, deletion) && isBefore(deletion, fetched),
      );
      return gone ? [`${fetched.actor} read ${value} of ${fetched.topic} after its topic was deleted`] : [];
    });
  });
}

/** A deleted topic takes nothing: what was sent after its deletion, and before it was made again, was not acknowledged. */
export function checkDeleted(history: History): readonly string[] {
  const deletions = ofKind(history, 'delete').filter(({ outcome }) => outcome === 'ok');
  const creations = ofKind(history, 'create');
  return ofKind(history, 'produce').flatMap((produced) => {
    if (produced.outcome !== 'ok') return [];
    const gone = deletions.find(
      (deletion) =>
        deletion.topic === produced.topic &&
        isBefore(deletion, produced) &&
        !creations.some(
          (creation) =>
            creation.topic === produced.topic &&
            creation.startStep < produced.endStep &&
            !isBefore(creation, deletion),
        ),
    );
    return gone
      ? [`${produced.values.join(' ')} was acknowledged in ${produced.topic}, which was deleted`]
      : [];
  });
}

/** Whatever befalls a call, its error is one of Kafka's and not a fault of the code. */
export function checkErrors({ events }: History): readonly string[] {
  return events.flatMap(({ actor, kind, error }) =>
    error?.code === 'UNKNOWN_SERVER_ERROR' ? [`${kind} of ${actor}: ${error.message}`] : [],
  );
}
