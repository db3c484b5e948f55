// Bytes in, lines out, as they come: a chunk's lines together, so that a reader can send what is there without waiting.
import type { Readable } from 'node:stream';
import { CliError } from './exit.ts';

/** Longer than any record that a server takes by default, so that a file without line ends is refused and not swallowed. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * Yields the lines that each chunk of `input` completes, without their line feeds, in order. The last line needs none.
 * Throws at a line above LINE_BYTES_MAX, after the lines before it.
 */
export async function* splitLines(input: Readable): AsyncGenerator<readonly Buffer[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let lines = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    const complete: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      complete.push(
        rest.length === 0 ? chunk.subarray(start, end) : Buffer.concat([...rest, chunk.subarray(start, end)]),
      );
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
    restBytes += chunk.length - start;
    lines += complete.length;
    if (complete.length > 0) yield complete;
    if (restBytes > LINE_BYTES_MAX) {
      throw new CliError(`line ${lines + 1} is longer than ${LINE_BYTES_MAX} bytes`);
    }
  }
  if (rest.length > 0) yield [Buffer.concat(rest)];
}
