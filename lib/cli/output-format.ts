// Consumed records as bytes for stdout: values, keys and values, or JSON lines that `wadi produce --json` reads again.
import type { ConsumedRecord } from './api-answers.ts';

export interface OutputFormat {
  readonly json?: boolean;
  /** Prints the key and this before the value. */
  readonly keySeparator?: string;
}

const LINE_FEED = Buffer.from('\n');

/** Records, one a line. Without JSON a null key or value is printed as nothing, and bytes as they are. */
export function formatRecords(records: readonly ConsumedRecord[], format: OutputFormat): Uint8Array {
  return Buffer.concat(
    records.flatMap((record) =>
      format.json
        ? [Buffer.from(JSON.stringify(toJson(record))), LINE_FEED]
        : [...toLine(record, format), LINE_FEED],
    ),
  );
}

function toLine({ key, value }: ConsumedRecord, { keySeparator }: OutputFormat): readonly Buffer[] {
  const bytes = Buffer.from(value ?? '', 'base64');
  return keySeparator === undefined
    ? [bytes]
    : [Buffer.from(key ?? '', 'base64'), Buffer.from(keySeparator), bytes];
}

function toJson(record: ConsumedRecord): object {
  const headers = record.headers ?? [];
  return {
    partition: record.partition,
    offset: record.offset,
    // A record without a timestamp has -1.
    ...(record.timestamp === undefined || record.timestamp < 0 ? {} : { timestamp: record.timestamp }),
    ...member('key', record.key),
    ...member('value', record.value),
    ...(headers.length === 0
      ? {}
      : { headers: headers.map(({ key, value }) => ({ key, ...member('value', value ?? null) })) }),
  };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text where the bytes are UTF-8, else base64 under another name: either way the same bytes come out of it again. */
function member(name: string, encoded: string | null): Record<string, string | null> {
  if (encoded === null) return { [name]: null };
  try {
    return { [name]: decoder.decode(Buffer.from(encoded, 'base64')) };
  } catch {
    return { [`${name}Base64`]: encoded };
  }
}
