// The order of strings by their UTF-8 bytes, without encoding them.

/** Negative, zero or positive, as `a` comes before, with or after `b` in the order of UTF-8 bytes. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [unit, other] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (unit !== other) return rank(unit) - rank(other);
  }
  return a.length - b.length;
}

/** UTF-16 units in the order of code points: surrogates, which stand for the highest ones, come last. */
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x2800 : unit);
