// All functions, with what is particular to each: its time, its memory, who wakes whom.
import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { VARIABLES } from '../../functions/environment.ts';
import { HTTP_API_TIMEOUT_MS } from '../../lib/http/limits.ts';
import { EventLogFunction, type EventLogFunctionProps } from './event-log-function.ts';
import { FUNCTION_NAMES, FUNCTION_RIGHTS, type FunctionName } from './function-rights.ts';
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';

type Own = Pick<EventLogFunctionProps, 'description' | 'timeout' | 'memoryMb' | 'retryAttempts'>;

const HTTP_TIMEOUT = Duration.millis(HTTP_API_TIMEOUT_MS);

/** CPU comes with memory: 1,769 MB is one core. Sealing holds four segments of 64 MiB at once, twice while it builds them. */
const OWN: Readonly<Record<FunctionName, Own>> = {
  produce: { description: 'Wadi: produces over HTTP', timeout: HTTP_TIMEOUT, memoryMb: 1024 },
  'produce-later': {
    description: 'Wadi: produces what acks=0 left to it',
    timeout: Duration.minutes(1),
    memoryMb: 512,
    // At most once is what acks=0 asks for.
    retryAttempts: 0,
  },
  consume: { description: 'Wadi: reads records over HTTP', timeout: HTTP_TIMEOUT, memoryMb: 1024 },
  stream: { description: 'Wadi: streams a topic', timeout: Duration.minutes(15), memoryMb: 512 },
  admin: { description: 'Wadi: topics over HTTP', timeout: HTTP_TIMEOUT, memoryMb: 1024 },
  seal: { description: 'Wadi: seals a partition', timeout: Duration.minutes(10), memoryMb: 1769 },
  sweep: {
    description: 'Wadi: seals what nobody else did, once an hour',
    timeout: Duration.minutes(15),
    memoryMb: 1769,
  },
};

export interface EventLogFunctionsProps extends Omit<EventLogFunctionProps, 'name' | keyof Own> {
  readonly reservedConcurrencies: Partial<Readonly<Record<FunctionName, number>>>;
  readonly memoriesMb: Partial<Readonly<Record<FunctionName, number>>>;
}

/** The functions by name. */
export class EventLogFunctions extends Construct {
  readonly byName: Readonly<Record<FunctionName, NodejsFunction>>;
  /** What each one's metrics are marked with. */
  readonly serviceNames: Readonly<Record<FunctionName, string>>;

  constructor(scope: Construct, id: string, props: EventLogFunctionsProps) {
    super(scope, id);
    const made = mapFunctions((name) => this.#make(name, props));
    for (const name of FUNCTION_NAMES) {
      for (const other of FUNCTION_RIGHTS[name].wakes) made[name].wakes(made[other], variableOf(other));
    }
    this.byName = mapFunctions((name) => made[name].function);
    this.serviceNames = mapFunctions((name) => made[name].serviceName);
    new Rule(this, 'hourly', {
      description: 'Wadi: sweeps all partitions',
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [new LambdaFunction(this.byName.sweep)],
    });
  }

  #make(name: FunctionName, props: EventLogFunctionsProps): EventLogFunction {
    const { reservedConcurrencies, memoriesMb, ...shared } = props;
    const reservedConcurrency = reservedConcurrencies[name];
    return new EventLogFunction(this, name, {
      ...shared,
      ...OWN[name],
      name,
      memoryMb: memoriesMb[name] ?? OWN[name].memoryMb,
      ...(reservedConcurrency !== undefined && { reservedConcurrency }),
    });
  }
}

const mapFunctions = <T>(make: (name: FunctionName) => T): Readonly<Record<FunctionName, T>> =>
  Object.fromEntries(FUNCTION_NAMES.map((name) => [name, make(name)])) as Record<FunctionName, T>;

function variableOf(name: FunctionName): string {
  if (name === 'seal') return VARIABLES.sealFunction;
  if (name === 'produce-later') return VARIABLES.produceLaterFunction;
  throw new Error(`no function is told of ${name}`);
}
