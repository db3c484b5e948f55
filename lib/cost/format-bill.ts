// A bill as text for a terminal.
import { totalUsd, type BillLine } from './bill-lines.ts';
import { formatBytes, formatSeconds } from './quantities.ts';
import type { Bill } from './bill.ts';
import type { Load } from './load.ts';
import type { Peer } from './peers.ts';

/** The lines to print, without line feeds. */
export function formatBill(bill: Bill): readonly string[] {
  const { traffic, idle, group, gateway, notes, assumptions, peers, sources } = bill;
  return [
    `${describeLoad(bill.load)}: a month of ${bill.monthHours} hours in ${bill.region}`,
    ...section('Traffic', traffic),
    ...section('At rest', idle),
    ...section(`A group of ${counted(bill.load.groupMembers, 'member')}`, group),
    ...section(`A Kafka gateway of ${counted(bill.load.gatewayTasks, 'task')}`, gateway),
    '',
    total('Total', bill.totalUsd),
    ...(bill.usdPerMillionRecords === undefined
      ? []
      : [total('Traffic, per million records', bill.usdPerMillionRecords)]),
    ...listed('Note', notes),
    '',
    ...table(peers, bill),
    ...listed('Counted', [describeSample(bill)]),
    ...listed('Assumed', assumptions),
    ...listed('Prices', [
      ...sources.map(({ of, source, date }) => `${of}: ${source} (${date})`),
      ...new Set(peers.map(({ name, source, date }) => `${name.split(',')[0] ?? name}: ${source} (${date})`)),
    ]),
  ];
}

const WIDTHS = { service: 12, item: 30, quantity: 16, unit: 20, usd: 14 } as const;

function describeLoad(load: Load): string {
  const { bytesPerSecond, batchBytes, recordBytes, partitions, consumers, retentionSeconds } = load;
  if (bytesPerSecond === 0) return `nothing produced or consumed, ${counted(partitions, 'partition')}`;
  return [
    `${formatBytes(bytesPerSecond)}/s in batches of ${formatBytes(batchBytes)} with records of ${formatBytes(recordBytes)}`,
    ...[counted(partitions, 'partition'), counted(consumers, 'consumer')],
    `kept for ${formatSeconds(retentionSeconds)}`,
  ].join(', ');
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function section(title: string, lines: readonly BillLine[]): readonly string[] {
  if (lines.length === 0) return [];
  return ['', title, ...lines.map(formatLine), total(`${title}, together`, totalUsd(lines))];
}

function formatLine({ service, item, quantity, unit, usd }: BillLine): string {
  return [
    '  ',
    service.padEnd(WIDTHS.service),
    item.padEnd(WIDTHS.item),
    formatQuantity(quantity).padStart(WIDTHS.quantity),
    ` ${unit} `.padEnd(WIDTHS.unit),
    formatUsd(usd).padStart(WIDTHS.usd),
  ].join('');
}

const total = (what: string, usd: number): string => {
  const { service, item, quantity, unit } = WIDTHS;
  return what.padEnd(2 + service + item + quantity + unit) + formatUsd(usd).padStart(WIDTHS.usd);
};

/** Whole numbers from a hundred on, else three digits. */
function formatQuantity(quantity: number): string {
  if (quantity >= 100) return Math.round(quantity).toLocaleString('en-US');
  return String(Number(quantity.toPrecision(3)));
}

/** Cents; what is less than half of one has as many digits as it needs. */
function formatUsd(usd: number): string {
  if (usd >= 0.005 || usd === 0)
    return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return usd < 1e-6 ? '< $0.000001' : `$${usd.toFixed(6)}`;
}

function listed(title: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : ['', title, ...texts.map((text) => `  ${text}`)];
}

function describeSample({ sample, load }: Bill): string {
  const { appends, appendsPerSecond } = sample;
  if (appends === 0)
    return '24 hourly sweeps by the real code over metered stores in memory, scaled to the month';
  const pace =
    appendsPerSecond >= 1
      ? `${formatQuantity(appendsPerSecond)} a second`
      : `one in ${formatSeconds(1 / appendsPerSecond)}`;
  return `${formatQuantity(appends)} appends by the real log over metered stores in memory, ${pace} on one partition, scaled to ${counted(load.partitions, 'partition')} and the month`;
}

function table(peers: readonly Peer[], bill: Bill): readonly string[] {
  const row = (name: string, idle: string, month: string, note: string) =>
    `  ${name.padEnd(34)}${idle.padStart(14)} ${month.padStart(15)}   ${note}`.trimEnd();
  return [
    row('At list price', 'at rest', 'this load', ''),
    row('Wadi', formatUsd(bill.idleUsd), formatUsd(bill.totalUsd), 'everything on this page'),
    ...peers.map(({ name, idleUsd, totalUsd: usd, note }) =>
      row(name, formatUsd(idleUsd), formatUsd(usd), note),
    ),
  ];
}
