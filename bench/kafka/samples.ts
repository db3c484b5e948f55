// Figures of both servers by what was measured, paired by the round they come from.
import { median } from '../report.ts';
import type { Server } from './server.ts';

/** Collects figures, in the order in which their names are first seen. */
export class Samples {
  readonly #byName = new Map<string, Record<Server['name'], Map<number, number>>>();

  /** `turn`: figures of both servers with the same number are compared with each other. */
  add(name: string, server: Server['name'], turn: number, figure: number): void {
    const both = this.#byName.get(name) ?? {
      kafka: new Map<number, number>(),
      wadi: new Map<number, number>(),
    };
    this.#byName.set(name, both);
    both[server].set(turn, figure);
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** All figures of one server. */
  of(name: string, server: Server['name']): readonly number[] {
    return [...(this.#byName.get(name)?.[server].values() ?? [])];
  }

  /** The median of ours divided by Kafka's, turn by turn; NaN where there is no pair. */
  ratio(name: string): number {
    const both = this.#byName.get(name);
    if (!both) return NaN;
    return median(
      [...both.wadi].flatMap(([turn, figure]) => {
        const kafka = both.kafka.get(turn);
        return kafka === undefined ? [] : [figure / kafka];
      }),
    );
  }

  /** Rows of a table: name, Kafka's median, ours, the ratio. */
  rows(): readonly (readonly (string | number)[])[] {
    return this.names.map((name) => [
      name,
      median(this.of(name, 'kafka')),
      median(this.of(name, 'wadi')),
      this.ratio(name),
    ]);
  }
}
