// The names and values of one request's expressions: each stands there once, however often expressions use it.
import { toAttributeValue, type Attributes } from './marshal.ts';
import type { Path } from '../ports/condition.ts';
import type { ItemValue } from '../ports/item-store.ts';

/** What goes into a request beside its expressions; absent where there is none, as DynamoDB refuses empty maps. */
export interface ExpressionAttributes {
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Attributes;
}

/**
 * Gives out placeholders while the expressions of one request are compiled. Every name gets one, so that reserved words
 * and any sign may be attribute names. Equal scalars share a placeholder; lists, maps and binaries do if they are one.
 */
export class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<ItemValue, string>();

  path(path: Path): string {
    return path.map((name) => this.#name(name)).join('.');
  }

  value(value: ItemValue): string {
    let placeholder = this.#values.get(value);
    if (placeholder === undefined) {
      placeholder = `:${this.#values.size}`;
      this.#values.set(value, placeholder);
    }
    return placeholder;
  }

  attributes(): ExpressionAttributes {
    const names = this.#names.size > 0 && {
      ExpressionAttributeNames: Object.fromEntries([...this.#names].map(([name, key]) => [key, name])),
    };
    const values = this.#values.size > 0 && {
      ExpressionAttributeValues: Object.fromEntries(
        [...this.#values].map(([value, key]) => [key, toAttributeValue(value)]),
      ),
    };
    return { ...names, ...values };
  }

  #name(name: string): string {
    let placeholder = this.#names.get(name);
    if (placeholder === undefined) {
      placeholder = `#${this.#names.size}`;
      this.#names.set(name, placeholder);
    }
    return placeholder;
  }
}
