// The alarms: on what would lose data if nobody looked, on errors, and on throttling.
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
  type AlarmProps,
  type IAlarmAction,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE, OLDEST_UNSEALED_AGE, THROTTLED_REQUESTS } from '../../functions/metric-names.ts';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { EventLogFunctions } from './event-log-functions.ts';
import type { FunctionName } from './function-rights.ts';

export interface EventLogAlarmsProps {
  readonly functions: EventLogFunctions;
  readonly api: HttpApi;
  readonly actions: readonly IAlarmAction[];
}

/** Records are in a segment an hour after they were appended; they expire unsealed after two weeks. */
const UNSEALED_AGE_MAX_S = 3_600;

const PERIOD = Duration.minutes(5);

/** CloudWatch bills an alarm by the metrics it looks at, so each looks at as few as tell what went wrong. */
export class EventLogAlarms extends Construct {
  readonly oldestUnsealedAge: Alarm;
  readonly errors: Alarm;
  readonly throttles: Alarm;

  constructor(scope: Construct, id: string, props: EventLogAlarmsProps) {
    super(scope, id);
    this.oldestUnsealedAge = this.#alarm('oldest-unsealed-age', props, {
      metric: metricOf(props, 'sweep', OLDEST_UNSEALED_AGE, {
        statistic: Stats.MAXIMUM,
        period: Duration.hours(1),
      }),
      threshold: UNSEALED_AGE_MAX_S,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      // A sweep that does not run, or does not come to its end, is worse than one that lags.
      treatMissingData: TreatMissingData.BREACHING,
      alarmDescription:
        'Wadi: records are not sealed an hour after they were appended, or the hourly sweep does not finish. They expire ' +
        'unsealed after 14 days; appends are refused from the 7th on. Look at the log of the sweep. It also fires until ' +
        'the first sweep after a deployment has run.',
    });
    this.errors = this.#alarm('errors', props, {
      metric: sumOf({
        api: props.api.metricServerError({ period: PERIOD, statistic: Stats.SUM }),
        stream: urlErrors(props, 'stream'),
        ...lambdaMetrics(props, ['produce-later', 'seal', 'sweep'], 'metricErrors'),
      }),
      threshold: 0,
      evaluationPeriods: 1,
      alarmDescription: 'Wadi: requests were answered 5xx, or a function in the background failed.',
    });
    this.throttles = this.#alarm('throttles', props, {
      metric: sumOf({
        requests: metricOf(props, 'produce', THROTTLED_REQUESTS, { statistic: Stats.SUM, period: PERIOD }),
        ...lambdaMetrics(props, ['produce', 'consume'], 'metricThrottles'),
      }),
      threshold: 0,
      evaluationPeriods: 3,
      alarmDescription:
        'Wadi: DynamoDB or S3 has throttled producers, or Lambda producers or consumers, for a quarter of an hour. Spread ' +
        'topics over more partitions, or raise the limits of the EventLog construct.',
    });
  }

  #alarm(
    name: string,
    { actions }: EventLogAlarmsProps,
    props: Omit<AlarmProps, 'comparisonOperator'>,
  ): Alarm {
    const alarm = new Alarm(this, name, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
    alarm.addAlarmAction(...actions);
    return alarm;
  }
}

/** A metric that a function writes itself; Powertools adds the service as its dimension. */
const metricOf = (
  { functions }: EventLogAlarmsProps,
  name: FunctionName,
  metricName: string,
  { statistic, period }: { readonly statistic: string; readonly period: Duration },
): Metric =>
  new Metric({
    ...{ metricName, statistic, period },
    namespace: METRICS_NAMESPACE,
    dimensionsMap: { service: functions.serviceNames[name] },
  });

/** Failures of functions are among the answers of their URL. */
const urlErrors = ({ functions }: EventLogAlarmsProps, name: FunctionName): IMetric =>
  functions.byName[name].metric('Url5xxCount', { period: PERIOD, statistic: Stats.SUM });

function lambdaMetrics(
  { functions }: EventLogAlarmsProps,
  names: readonly FunctionName[],
  metric: 'metricErrors' | 'metricThrottles',
): Record<string, IMetric> {
  const options = { period: PERIOD, statistic: Stats.SUM };
  return Object.fromEntries(
    names.map((name) => [name.replace('-', '_'), functions.byName[name][metric](options)] as const),
  );
}

/** A metric that has no data point in a period counts as none. */
const sumOf = (usingMetrics: Record<string, IMetric>): MathExpression =>
  new MathExpression({
    expression: Object.keys(usingMetrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    usingMetrics,
    period: PERIOD,
  });
