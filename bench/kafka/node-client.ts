// A client in Node: one producer that keeps a few messages of 256 records under way. Run as a program, it is that client.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Figures } from './client.ts';

const RECORDS_PER_SEND = 256;
const SENDS_UNDER_WAY = 4;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;

/** Runs this file against `bootstrap` in a process of its own. */
export async function runNodeClient(bootstrap: string, topic: string): Promise<Figures> {
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, bootstrap, topic]);
  return JSON.parse(stdout) as Figures;
}

async function measure(bootstrap: string, topic: string): Promise<Figures> {
  const { Admin, Producer } = await import('@platformatic/kafka');
  const client = { clientId: 'bench', bootstrapBrokers: [bootstrap] };
  const admin = new Admin(client);
  await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
  await admin.close();
  const producer = new Producer({ ...client, retries: 10 });
  const messages = Array.from({ length: RECORDS_PER_SEND }, () => ({ topic, value: Buffer.alloc(1024, 1) }));
  let sentBytes = 0;
  let isOver = false;
  const send = async () => {
    while (!isOver) {
      await producer.send({ messages, acks: -1 });
      sentBytes += RECORDS_PER_SEND * 1024;
    }
  };
  const sending = Promise.all(Array.from({ length: SENDS_UNDER_WAY }, send));
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const [beforeBytes, startMs] = [sentBytes, performance.now()];
  await new Promise((resolve) => setTimeout(resolve, MEASURE_MS));
  const mbPerSecond = (sentBytes - beforeBytes) / 1_000 / (performance.now() - startMs);
  isOver = true;
  await sending;
  await producer.close();
  return { mbPerSecond, allMb: sentBytes / 1e6 };
}

if (import.meta.main) {
  const [bootstrap = '', topic = ''] = process.argv.slice(2);
  console.log(JSON.stringify(await measure(bootstrap, topic)));
}
