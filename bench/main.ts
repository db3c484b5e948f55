// `npm run bench [-- NAME...]`: prints a table for each benchmark, or for those named; ends with 1 where a count is missed.
import { benchAppends } from './appends.ts';
import { benchBulk } from './bulk.ts';
import { benchCommits } from './commits.ts';
import { benchColdStarts } from './cold-starts.ts';
import { benchRequests } from './requests.ts';
import { benchWriters } from './writers.ts';
import { isKept, print, type Report } from './report.ts';

/** In the order in which they run: what counts first, what takes times after it. */
const BENCHMARKS: Readonly<Record<string, () => Promise<Report>>> = {
  writers: benchWriters,
  requests: benchRequests,
  commits: benchCommits,
  appends: benchAppends,
  bulk: benchBulk,
  'cold-starts': benchColdStarts,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(
    `there is no benchmark ${unknown.join(', ')}: there are ${Object.keys(BENCHMARKS).join(', ')}`,
  );
  process.exit(2);
}
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const report = await run();
  console.log(print(report));
  if (report.bounds.some((bound) => bound.kind === 'count' && !isKept(bound))) process.exitCode = 1;
}
