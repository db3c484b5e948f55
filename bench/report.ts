// How figures are printed: tables, each bound beside its figure, and whether it is kept.

/** A figure that has to stay within a bound. Counts are the same on every machine; times are not. */
export interface Bound {
  readonly what: string;
  readonly figure: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly kind: 'count' | 'time';
}

/** What a benchmark found. */
export interface Report {
  readonly title: string;
  /** What was measured, and against what. */
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly bounds: readonly Bound[];
}

/** Whether the figure is within its bound. */
export const isKept = ({ figure, atMost = Infinity, atLeast = -Infinity }: Bound): boolean =>
  figure <= atMost && figure >= atLeast;

/** The report as text, a table of aligned columns and a line for each bound. */
export function print({ title, note, columns, rows, bounds }: Report): string {
  const cells = [columns, ...rows].map((row) => row.map(format));
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  return ['', `## ${title}`, note, '', ...cells.map(line), '', ...bounds.map(printBound)].join('\n');
}

function printBound(bound: Bound): string {
  const limit =
    bound.atMost === undefined ? `at least ${format(bound.atLeast ?? 0)}` : `at most ${format(bound.atMost)}`;
  return `${isKept(bound) ? 'ok    ' : 'MISSED'}  ${bound.what}: ${format(bound.figure)}, ${limit}`;
}

/** Three digits that count. */
export function format(value: string | number): string {
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return '-';
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** The value that a share of all values is below; of none, NaN. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** The middle one. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);
