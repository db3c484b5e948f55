// Sizes, rates and durations as people write them: `100KB`, `1MiB/s`, `7d`. KB is 1,000 bytes and KiB 1,024.

const BYTE_UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    '': 1,
    b: 1,
    kb: 1e3,
    mb: 1e6,
    gb: 1e9,
    tb: 1e12,
    kib: 2 ** 10,
    mib: 2 ** 20,
    gib: 2 ** 30,
    tib: 2 ** 40,
  }),
);

const SECOND_UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({ s: 1, m: 60, h: 3_600, d: 86_400 }),
);

/** A decimal number and its unit, in lower case; undefined where the text is something else. */
function split(text: string): readonly [number, string] | undefined {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/i.exec(text.trim());
  if (!match) return undefined;
  const [, digits = '', unit = ''] = match;
  return [Number(digits), unit.toLowerCase()];
}

/** Bytes, which may have a fraction; undefined for what is no size. */
export function parseBytes(text: string): number | undefined {
  const [amount, unit] = split(text) ?? [];
  const factor = unit === undefined ? undefined : BYTE_UNITS.get(unit);
  return amount === undefined || factor === undefined ? undefined : amount * factor;
}

/** Seconds from `30s`, `5m`, `1h` or `7d`; undefined for what is no duration. */
export function parseSeconds(text: string): number | undefined {
  const [amount, unit = ''] = split(text) ?? [];
  const factor = SECOND_UNITS.get(unit);
  return amount === undefined || factor === undefined ? undefined : amount * factor;
}

/** Bytes a second from a size and the time it comes in, as `1MB/s` or `10GB/d`; a bare 0 is one too. */
export function parseBytesPerSecond(text: string): number | undefined {
  if (text.trim() === '0') return 0;
  const [size = '', time = '', ...rest] = text.split('/');
  const bytes = parseBytes(size);
  const seconds = SECOND_UNITS.get(time.trim().toLowerCase());
  return bytes === undefined || seconds === undefined || rest.length > 0 ? undefined : bytes / seconds;
}

/** A size for people, in powers of 1,000 and with three digits. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  let [amount, at] = [bytes, 0];
  while (amount >= 999.5 && at < units.length - 1) [amount, at] = [amount / 1_000, at + 1];
  return `${Number(amount.toPrecision(3))} ${units[at] ?? ''}`;
}

/** A duration for people, in the largest unit that it has at least one of. */
export function formatSeconds(seconds: number): string {
  const unit = (['d', 'h', 'm'] as const).find((one) => seconds >= (SECOND_UNITS.get(one) ?? 1)) ?? 's';
  return `${Number((seconds / (SECOND_UNITS.get(unit) ?? 1)).toPrecision(3))} ${unit}`;
}
