// A number of bytes that all connections share: who would take more makes do with less.

/** Owned by one gateway. */
export class ByteBudget {
  readonly #bytesMax: number;
  #takenBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  get isSpent(): boolean {
    return this.#takenBytes >= this.#bytesMax;
  }

  /** Takes bytes that are there already, whether they fit or not; less than 0 gives back. */
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

  giveBack(bytes: number): void {
    this.#takenBytes -= bytes;
  }
}
