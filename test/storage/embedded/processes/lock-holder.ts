// A process that opens the embedded stores of a directory, says so, and keeps them until it is killed.
import { createSystemClock } from '../../../../lib/base/clock.ts';
import { openEmbeddedStores } from '../../../../lib/storage/embedded/open.ts';

const clock = createSystemClock();
await openEmbeddedStores(process.argv[2] ?? '', { clock });
process.stdout.write('open\n');
await clock.sleep(600_000);
