// What the conformance suites share: named cases over one store, and named, reasoned skips.
import { afterAll, beforeAll, describe, it } from 'vitest';

/** A named behaviour; `subject` is shared by all cases, so each works under names of its own. */
export type Cases<Subject> = Readonly<Record<string, (subject: Subject) => Promise<void>>>;

/** Case name => why this adapter cannot pass it. A skip of a case that does not exist fails the suite. */
export type Skips = Readonly<Record<string, string>>;

export interface SuiteOptions {
  readonly skips?: Skips;
  /** For emulators; default: vitest's. */
  readonly timeoutMs?: number;
}

/** A store to test and how to clean up after it. */
export interface Opened<Store> {
  readonly store: Store;
  close(): Promise<void>;
}

/** Runs all cases over one store that `open` makes before the first of them. */
export function describeCases<Store, Subject>(
  name: string,
  open: () => Promise<Opened<Store>>,
  cases: Cases<Subject>,
  subjectOf: (store: Store) => Subject,
  { skips = {}, timeoutMs }: SuiteOptions,
): void {
  describe(name, () => {
    let opened: Opened<Store> | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened?.close();
    });
    const strange = Object.keys(skips).filter((skipped) => !(skipped in cases));
    if (strange.length > 0) throw new Error(`no such case to skip: ${strange.join(', ')}`);
    for (const [title, run] of Object.entries(cases)) {
      const reason = skips[title];
      if (reason !== undefined) it.skip(`${title} (skipped: ${reason})`);
      else
        it(title, { ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) }, async () => {
          if (!opened) throw new Error(`${name} did not open`);
          await run(subjectOf(opened.store));
        });
    }
  });
}
