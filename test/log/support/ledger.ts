// What was asked of a log and what it answered: what a reader must find later follows from that.
import type { Outcome } from '../../../lib/base/errors.ts';

/** What a ledger notes of an AppendResult; also as another process tells it. */
export type Answer =
  | { readonly kind: 'stored'; readonly baseOffset: number }
  | { readonly kind: 'refused'; readonly error: { readonly outcome: Outcome } };

type Standing =
  /** Stored at this offset, said the log: it must be there, once. */
  | { readonly kind: 'stored'; readonly offset: number }
  /** Nobody was told, or told that nobody knows: it may be there, once. */
  | { readonly kind: 'unknown' }
  /** Not applied, said the log: it must never be there. */
  | { readonly kind: 'refused' };

/** Records by their value, which is unique. */
export class Ledger {
  readonly #standings = new Map<string, Standing>();

  /** Before an attempt: from now on the records may be there. */
  attempt(values: readonly string[]): void {
    for (const value of values) {
      if (this.#standings.get(value)?.kind !== 'stored') this.#standings.set(value, { kind: 'unknown' });
    }
  }

  /** What the log answered of a batch with these values. */
  answer(values: readonly string[], result: Answer): void {
    values.forEach((value, index) => {
      const before = this.#standings.get(value);
      if (result.kind === 'stored') {
        const offset = result.baseOffset + index;
        if (before?.kind === 'stored' && before.offset !== offset)
          throw new Error(`${value} was stored at ${before.offset}, and is now said to be at ${offset}`);
        this.#standings.set(value, { kind: 'stored', offset });
      } else if (result.error.outcome === 'not-applied' && before?.kind !== 'stored') {
        this.#standings.set(value, { kind: 'refused' });
      }
    });
  }

  get attempted(): number {
    return this.#standings.size;
  }

  get stored(): number {
    return this.#count('stored');
  }

  get refused(): number {
    return this.#count('refused');
  }

  #count(wanted: Standing['kind']): number {
    return [...this.#standings.values()].filter(({ kind }) => kind === wanted).length;
  }

  /** All that is wrong with the values that a reader found from offset 0 on. */
  violationsIn(read: readonly string[]): readonly string[] {
    const places = new Map<string, number[]>();
    read.forEach((value, offset) => places.set(value, [...(places.get(value) ?? []), offset]));
    const wrong: string[] = [];
    for (const [value, offsets] of places) {
      if (offsets.length > 1) wrong.push(`${value} is there ${offsets.length} times: ${offsets.join(', ')}`);
      const standing = this.#standings.get(value);
      if (!standing) wrong.push(`${value} is there, which nobody has sent`);
      if (standing?.kind === 'refused') wrong.push(`${value} is there, which was said not to be applied`);
    }
    for (const [value, standing] of this.#standings) {
      if (standing.kind === 'stored' && read[standing.offset] !== value)
        wrong.push(
          `${value} was acknowledged at ${standing.offset}, where ${read[standing.offset] ?? 'nothing'} is`,
        );
    }
    return wrong;
  }
}
