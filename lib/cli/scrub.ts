// `wadi scrub`: reads all data of a stopped embedded server and says what is wrong with it.
import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { scrubPartition, type ScrubReport } from '../log/scrub.ts';
import { eachPartition } from '../embedded/each-partition.ts';
import { openEmbedded } from './embedded.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { readServeOptions } from './serve-options.ts';
import { type Terminal, write } from './terminal.ts';
import { countOf } from './format-text.ts';

export interface ScrubOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** Prints a line for each partition and each finding; ends with 1 where there are findings. Changes nothing. */
export async function scrub(terminal: Terminal, { json, ...flags }: ScrubOptions): Promise<ExitCode> {
  const { dataDir } = readServeOptions(terminal.env, flags);
  if (!existsSync(dataDir)) throw new CliError(`there is no data in ${dataDir}`);
  const embedded = await openEmbedded({
    dataDir,
    clock: terminal.clock,
    dice: terminal.dice,
    logger: pino({ level: 'silent' }),
    isMaintained: false,
  });
  let findings = 0;
  let records = 0;
  try {
    for await (const { topic, partition, partitionId } of eachPartition(embedded.log.deps.items)) {
      if (terminal.signal.aborted) return EXIT.interrupted;
      const report = await scrubPartition(embedded.log.deps, partitionId);
      findings += report.findings.length;
      records += report.records;
      await write(terminal.stdout, print(topic, partition, report, json ?? false));
    }
  } finally {
    await embedded.close();
  }
  if (!json)
    await write(terminal.stdout, `${countOf(records, 'record')} read, ${countOf(findings, 'finding')}\n`);
  return findings === 0 ? EXIT.ok : EXIT.failed;
}

function print(topic: string, partition: number, report: ScrubReport, json: boolean): string {
  const { batches, records, bytes, findings } = report;
  if (json) return `${JSON.stringify({ topic, partition, batches, records, bytes, findings })}\n`;
  const lines = [
    `${topic}-${partition}: ${countOf(records, 'record')} in ${bytes} bytes`,
    ...findings.map(({ invariant, message }) => `  ${invariant}: ${message}`),
  ];
  return `${lines.join('\n')}\n`;
}
