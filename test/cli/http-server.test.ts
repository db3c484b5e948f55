// The embedded server's socket: what it bounds, and how it stops.
import { connect } from 'node:net';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createSystemClock } from '../../lib/base/clock.ts';
import { EXIT } from '../../lib/cli/exit.ts';
import { startHttpServer, type HttpServer } from '../../lib/cli/http-server.ts';

const clock = createSystemClock();

const start = (fetch: (request: Request) => Response | Promise<Response>): Promise<HttpServer> =>
  startHttpServer({ host: '127.0.0.1', port: 0, clock, fetch });

/** Resolves when the signal is aborted. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

it('hands requests over whole and answers them', async () => {
  const server = await start(async (request) =>
    Response.json({
      method: request.method,
      path: new URL(request.url).pathname,
      accept: request.headers.get('accept'),
      body: await request.text(),
    }),
  );
  const headers = { accept: 'a/b' };
  expect(await (await fetch(`${server.url}/x%20y`, { headers })).json()).toEqual({
    method: 'GET',
    path: '/x%20y',
    accept: 'a/b',
    body: '',
  });
  const posted = await fetch(server.url, { method: 'POST', headers, body: 'ä' });
  expect(await posted.json()).toMatchObject({ method: 'POST', body: 'ä' });
  await server.stop();
});

it('ends a waiting read with what there is, and takes no more connections', async () => {
  let arrived = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await start(async (request) => {
    arrived();
    await aborted(request.signal);
    return new Response('nothing more');
  });
  const answer = fetch(server.url);
  await waiting;
  await server.stop();
  expect(await (await answer).text()).toBe('nothing more');
  await expect(fetch(server.url)).rejects.toThrow();
});

it('waits for a write under way', async () => {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let isAborted = false;
  let arrived = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await start(async (request) => {
    request.signal.addEventListener('abort', () => (isAborted = true));
    arrived();
    await finished;
    return new Response(String(isAborted));
  });
  const answer = fetch(server.url, { method: 'POST', body: 'x' });
  await waiting;
  const stopped = server.stop();
  finish();
  expect(await (await answer).text()).toBe('false');
  await stopped;
});

it('tells a read that its client has gone', async () => {
  let told: Promise<void> | undefined;
  let arrived = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await start(async (request) => {
    told = aborted(request.signal);
    arrived();
    await told;
    return new Response();
  });
  const client = new AbortController();
  const answer = fetch(server.url, { signal: client.signal }).catch(() => undefined);
  await waiting;
  client.abort();
  await told;
  await answer;
  await server.stop();
});

it('refuses headers that are too large', async () => {
  const server = await start(() => new Response());
  const answer = await fetch(server.url, { headers: { a: 'x'.repeat(17_000) } });
  expect(answer.status).toBe(431);
  await server.stop();
});

it('survives what is not HTTP', async () => {
  const server = await start(() => new Response('well'));
  const { port } = new URL(server.url);
  const text = await new Promise<string>((resolve) => {
    let received = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('\x16\x03\x01 hello\r\n\r\n'));
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.on('close', () => {
      resolve(received);
    });
  });
  expect(text).toMatch(/^HTTP\/1.1 400/);
  expect(await (await fetch(server.url)).text()).toBe('well');
  await server.stop();
});

it('says that a port is in use', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const starting = startHttpServer({ host: '127.0.0.1', port, clock, fetch: () => new Response() });
  await expect(starting).rejects.toMatchObject({
    exitCode: EXIT.failed,
    message: `127.0.0.1:${port} is in use: another server runs there, or set WADI_HTTP_PORT`,
  });
  other.close();
});

it('says that an address is not one of this machine', async () => {
  const starting = startHttpServer({ host: '192.0.2.1', port: 0, clock, fetch: () => new Response() });
  await expect(starting).rejects.toThrow('192.0.2.1 is no address of this machine: set WADI_HTTP_HOST');
});
