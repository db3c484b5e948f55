// Back-pressure: a number of bytes that may be buffered, given out first come, first served.

/** Bytes that are lent and given back. Owned by one producer. */
export class BufferBudget {
  readonly #bytesMax: number;
  readonly #waiting: { readonly bytes: number; readonly admit: () => void }[] = [];
  #bytesLent = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are lent now. */
  get bytesLent(): number {
    return this.#bytesLent;
  }

  /** Whether anybody waits for room. */
  get isWanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** Lends at once where there is room and nobody waits, else answers a promise of it. What is larger than all is lent when nothing else is. */
  take(bytes: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) {
      this.#bytesLent += bytes;
      return undefined;
    }
    return new Promise((admit) => {
      this.#waiting.push({ bytes, admit });
    });
  }

  /** Takes back what was lent. */
  giveBack(bytes: number): void {
    this.#bytesLent -= bytes;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#hasRoom(next.bytes)) return;
      this.#waiting.shift();
      this.#bytesLent += next.bytes;
      next.admit();
    }
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytesLent === 0 || this.#bytesLent + bytes <= this.#bytesMax;
  }
}
