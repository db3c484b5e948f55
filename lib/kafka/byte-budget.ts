// A number of bytes that all connections share: who would take more waits, or makes do with less.

/** Owned by one gateway. */
export class ByteBudget {
  readonly #bytesMax: number;
  #takenBytes = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  get isSpent(): boolean {
    return this.#takenBytes >= this.#bytesMax;
  }

  /** Takes bytes that are there already, whether they fit or not. */
  take(bytes: number): void {
    this.#takenBytes += bytes;
  }

  /**
   * Takes what there is of `wantedBytes`: a quarter of what is free at most, so that many can share, and `leastBytes` even
   * where nothing is free. Answers how many.
   */
  takeShare(wantedBytes: number, leastBytes: number): number {
    const share = Math.floor((this.#bytesMax - this.#takenBytes) / 4);
    const bytes = Math.min(wantedBytes, Math.max(share, leastBytes));
    this.#takenBytes += bytes;
    return bytes;
  }

  /** Gives bytes back, and wakes those who wait. */
  giveBack(bytes: number): void {
    this.#takenBytes -= bytes;
    if (this.isSpent) return;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when there is something left to take. */
  async whenFree(): Promise<void> {
    while (this.isSpent) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
