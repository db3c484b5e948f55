// How the server starts, refuses to start, and stops.
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readyUrl, start, startServer, startWadi, stop, temporaryFolder, wadi } from './support/processes.ts';

describe('the server', () => {
  it('starts and stops through npm, and prints one line that says ready', async () => {
    using folder = temporaryFolder();
    const npm = start('npm', ['start', '--silent'], { WADI_DATA_DIR: folder.path, WADI_HTTP_PORT: '0' });
    const url = await readyUrl(npm);
    expect((await fetch(`${url}/v3/clusters`)).status).toBe(200);
    npm.process.kill('SIGTERM');
    const { stdout } = await npm.ended;
    expect(stdout).toMatch(/^wadi is ready at \S+, and for Kafka clients at 127\.0\.0\.1:\d+\n$/);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('answers what is under way when it is told to stop, and keeps its cluster id', async () => {
    using folder = temporaryFolder();
    const env = { WADI_DATA_DIR: folder.path };
    const first = await startServer(env);
    await wadi(['topics', 'create', 't', '--partitions', '1', '--url', first.url]);
    const cluster = await (await fetch(`${first.url}/v3/clusters`)).text();
    const waiting = fetch(`${first.url}/topics/t/partitions/0/records?offset=0&timeout=25000`);
    const stream = await fetch(`${first.url}/topics/t/records/stream`);
    // The read is under way when a later request on its own connection was answered.
    await fetch(`${first.url}/v3/clusters`);
    first.process.kill('SIGTERM');
    expect(await (await waiting).json()).toEqual([]);
    await stream.text();
    expect(await first.ended).toMatchObject({ exitCode: 0, stderr: '' });

    const second = await startServer(env);
    const again = (await (await fetch(`${second.url}/v3/clusters`)).text()).replaceAll(second.url, first.url);
    expect(again).toBe(cluster);
    expect(await stop(second, 'SIGINT')).toMatchObject({ exitCode: 0 });
  });

  it('takes a data folder for itself', async () => {
    using folder = temporaryFolder();
    const env = { WADI_DATA_DIR: folder.path };
    const server = await startServer(env);
    const other = await wadi(['serve'], { env: { ...env, WADI_HTTP_PORT: '0' } });
    expect(other).toMatchObject({ exitCode: 1, stdout: '' });
    expect(other.stderr).toMatch(/^wadi: .* is in use by another process[^\n]*\n$/);
    const scrubbed = await wadi(['scrub'], { env });
    expect(scrubbed).toMatchObject({ exitCode: 1, stdout: '' });
    expect(scrubbed.stderr).toMatch(/^wadi: .* is in use by another process[^\n]*\n$/);
    await stop(server);
  });

  it('ends with one line where it cannot start', async () => {
    using folder = temporaryFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    mkdirSync(join(folder.path, 'foreign'));
    writeFileSync(
      join(folder.path, 'foreign', 'items.sqlite'),
      'this is no database, but a text of some length',
    );
    const free = { WADI_DATA_DIR: join(folder.path, 'free'), WADI_HTTP_PORT: '0' };
    const refusals = [
      [{ ...free, WADI_HTTP_PORT: String(port) }, 1, `127.0.0.1:${port} is in use`],
      [{ ...free, WADI_HTTP_PORT: 'http' }, 2, 'WADI_HTTP_PORT must be 0 to 65535, got "http"'],
      [{ ...free, WADI_DATA_DIR: join(file, 'below') }, 1, 'ENOTDIR'],
      [{ ...free, WADI_DATA_DIR: '/proc/wadi' }, 1, '/proc/wadi'],
      [{ ...free, WADI_DATA_DIR: join(folder.path, 'foreign') }, 1, 'not a database'],
    ] as const;
    for (const [env, exitCode, message] of refusals) {
      const ended = await wadi(['serve'], { env: { ...env, WADI_LOG_LEVEL: 'silent' } });
      expect(ended.stderr).toContain(message);
      expect(ended.stderr).toMatch(/^wadi: [^\n]*\n$/);
      expect(ended).toMatchObject({ exitCode, stdout: '' });
    }
    taken.close();
  });
});

describe('the command line', () => {
  it('has help, and ends with 2 where it is used wrongly', async () => {
    const help = await wadi(['--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    for (const command of ['serve', 'topics', 'produce', 'consume', 'scrub'])
      expect(help.stdout).toContain(`  ${command} `);
    expect((await wadi(['prodcue', 't'])).stderr).toContain('Did you mean produce?');
    expect(await wadi(['topics', 'create'])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('ends quietly when its reader goes', async () => {
    using folder = temporaryFolder();
    const server = await startServer({ WADI_DATA_DIR: folder.path });
    const stdin = 'x'.repeat(1_000).concat('\n').repeat(1_000);
    await wadi(['produce', 't', '--url', server.url], { stdin });
    const consumer = startWadi(['consume', 't', '--follow', '--from-beginning', '--url', server.url]);
    consumer.process.stdout?.once('data', () => consumer.process.stdout?.destroy());
    expect(await consumer.ended).toMatchObject({ exitCode: 0, stderr: '' });
    await stop(server);
  });
});
