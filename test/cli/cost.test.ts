// `wadi cost`.
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../lib/cli/exit.ts';
import { run } from './support/fake-terminal.ts';
import type { Bill } from '../../lib/cost/bill.ts';

const LOAD = ['--rate', '1KB/s', '--batch', '10KB'];

describe('wadi cost', () => {
  it('prints the same bill as text and as JSON', async () => {
    const options = [...LOAD, '--consumers', '2', '--poll', '5s', '--retention', '1d', '--partitions', '4'];
    const text = await run(['cost', ...options]);
    expect(text).toMatchObject({ exitCode: EXIT.ok, errors: '' });
    const json = await run(['cost', ...options, '--json']);
    expect(json).toMatchObject({ exitCode: EXIT.ok, errors: '' });
    const bill = JSON.parse(json.output) as Bill;
    expect(bill.load).toEqual({
      ...{ bytesPerSecond: 1e3, batchBytes: 1e4, recordBytes: 1_000, partitions: 4, consumers: 2 },
      ...{ pollSeconds: 5, retentionSeconds: 86_400, groupMembers: 0 },
      gatewayTasks: 0,
    });
    const lines = text.output.split('\n');
    for (const { service, item, usd } of [...bill.traffic, ...bill.idle]) {
      const own = lines.filter((line) => line.startsWith(`  ${service} `) && line.includes(` ${item} `));
      expect(own.some((line) => amountOf(line) === roundAsPrinted(usd))).toBe(true);
    }
    const total = lines.find((line) => line.startsWith('Total '));
    expect(amountOf(total ?? '')).toBe(roundAsPrinted(bill.totalUsd));
    for (const { name, totalUsd } of bill.peers) {
      const line = lines.find((one) => one.includes(`  ${name} `)) ?? '';
      expect(/\$([\d.,]+) {3}\S/.exec(line)?.[1]?.replaceAll(',', '')).toBe(totalUsd.toFixed(2));
    }
    for (const text of [...bill.assumptions, ...bill.notes]) expect(lines).toContain(`  ${text}`);
    for (const { source } of bill.peers) expect(json.output).toContain(source);
  });

  it('prints what a group costs that has nothing to read: below two dollars for ten members', async () => {
    const options = ['--rate', '0', '--batch', '1KB', '--group-members', '10'];
    const { output } = await run(['cost', ...options]);
    expect(output).toContain('A group of 10 members');
    const bill = JSON.parse((await run(['cost', ...options, '--json'])).output) as Bill;
    expect(bill.groupUsd).toBeGreaterThan(0.5);
    expect(bill.groupUsd).toBeLessThan(2);
    expect(bill.totalUsd).toBeCloseTo(bill.idleUsd + bill.groupUsd);
  });

  it('prints what two tasks of a gateway cost for being there: below sixty dollars', async () => {
    const options = ['--rate', '0', '--batch', '1KB', '--gateway-tasks', '2'];
    const { output } = await run(['cost', ...options]);
    expect(output).toContain('A Kafka gateway of 2 tasks');
    const bill = JSON.parse((await run(['cost', ...options, '--json'])).output) as Bill;
    expect(bill.gatewayUsd).toBeGreaterThan(50);
    expect(bill.gatewayUsd).toBeLessThan(60);
    expect(bill.totalUsd).toBeCloseTo(bill.idleUsd + bill.gatewayUsd);
    const usdOf = (item: string) => bill.gateway.find((line) => line.item === item)?.usd;
    expect(usdOf('processors')).toBeCloseTo(2 * 0.5 * 730 * 0.03238);
    expect(usdOf('load balancer')).toBeCloseTo(730 * 0.0225);
    expect(usdOf('load balancer: capacity')).toBeUndefined();
    const busy = [
      '--rate',
      '1MB/s',
      '--batch',
      '100KB',
      '--consumers',
      '1',
      '--gateway-tasks',
      '2',
      '--json',
    ];
    const { gateway } = JSON.parse((await run(['cost', ...busy])).output) as Bill;
    // 7.2 GB an hour, in and out.
    expect(gateway.find(({ item }) => item === 'load balancer: capacity')?.quantity).toBeCloseTo(
      7.2 * 730,
      0,
    );
  });

  it('prints what is paid at rest', async () => {
    const { exitCode, output } = await run(['cost', '--rate', '0', '--batch', '1KB']);
    expect(exitCode).toBe(EXIT.ok);
    expect(output).toContain('At rest');
    expect(output).not.toContain('Traffic');
  });

  it.each([
    [['--rate', 'fast'], '--rate must be a rate such as 1MB/s'],
    [['--rate', '1MB'], '--rate must be a rate'],
    [['--rate', '2TB/s'], 'to 1 TB/s, got "2TB/s"'],
    [['--rate', '-1MB/s'], '--rate'],
    [['--batch', '2MB'], '--batch must be a size such as 100KB or 1MiB from 100 B to 1.05 MB, got "2MB"'],
    [['--batch', '10'], '--batch must be'],
    [['--record-bytes', '20KB'], '--record-bytes must be a size such as 100KB or 1MiB from 32 B to 10 KB'],
    [['--partitions', '0'], '--partitions must be a whole number from 1 to 1000, got "0"'],
    [['--partitions', '1.5'], '--partitions must be'],
    [['--consumers', '-1'], '--consumers'],
    [['--gateway-tasks', '1001'], '--gateway-tasks must be a whole number from 0 to 1000, got "1001"'],
    [['--poll', '1'], '--poll must be a duration such as 30s, 5m, 1h or 7d from 0.1 s to 1 d, got "1"'],
    [['--retention', '1w'], '--retention must be a duration'],
    [['--retention', '0s'], '--retention must be'],
  ])('refuses %j', async (options, message) => {
    const refused = await run(['cost', ...LOAD, ...options]);
    expect(refused).toMatchObject({ exitCode: EXIT.usage, output: '' });
    expect(refused.errors).toContain(message);
  });

  it('asks for a rate and a batch', async () => {
    expect(await run(['cost', '--rate', '1MB/s'])).toMatchObject({ exitCode: EXIT.usage, output: '' });
    expect((await run(['cost', '--batch', '1MB'])).errors).toContain('--rate');
  });
});

/** The last amount of dollars in a line. */
const amountOf = (line: string): number =>
  Number((/\$([\d.,]+)$/.exec(line)?.[1] ?? 'NaN').replaceAll(',', ''));

const roundAsPrinted = (usd: number): number => Number(usd.toFixed(usd >= 0.005 ? 2 : 6));
