// What tasks of the Kafka gateway cost for being there: by the hour, whether anybody connects or not.
import { GATEWAY } from './assumptions.ts';
import { MONTH_HOURS, MONTH_SECONDS, type Load } from './load.ts';
import type { Tally } from './tally.ts';

const GIGABYTE = 1e9;

/** A month of the gateway. Zero tasks cost nothing. */
export function countGateway({ gatewayTasks, bytesPerSecond, consumers }: Load): Tally {
  if (gatewayTasks === 0) return new Map();
  const hours = gatewayTasks * MONTH_HOURS;
  // What comes in goes out once for each consumer, and all of it goes through the load balancer.
  const gigabytesPerHour = (bytesPerSecond * (1 + consumers) * 3_600) / GIGABYTE;
  return new Map([
    ['fargateProcessorHours', hours * GATEWAY.processors],
    ['fargateMemoryHours', hours * GATEWAY.memoryGib],
    ['publicAddressHours', hours],
    ['balancerHours', MONTH_HOURS],
    ['balancerUnitHours', (gigabytesPerHour / GATEWAY.balancerUnitGigabytes) * MONTH_HOURS],
    ['secrets', 1],
    ['secretRequests', (gatewayTasks * MONTH_SECONDS) / GATEWAY.usersReadEverySeconds],
    ['customMetrics', GATEWAY.customMetrics],
    ['alarmMetrics', GATEWAY.alarmMetrics],
    ['logBytes', (gatewayTasks * MONTH_SECONDS * GATEWAY.metricLogBytes) / GATEWAY.metricEverySeconds],
  ]);
}
