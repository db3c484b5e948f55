// What the cost meter believes of a deployment, against the template of one.
import { expect, it } from 'vitest';
import { DEPLOYED, GATEWAY } from '../../lib/cost/assumptions.ts';
import { ofType, synthesize } from '../infra/support/template.ts';

const stack = synthesize();

it('knows the memory of the functions', () => {
  const functions = ofType(stack, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
  for (const [name, memoryMb] of Object.entries(DEPLOYED.memoryMb)) {
    const description = {
      produce: 'produces over HTTP',
      consume: 'reads records',
      seal: 'seals a partition',
    };
    const text = { ...description, sweep: 'seals what nobody else did' }[name] ?? name;
    const found = functions.filter(({ Description }) => String(Description).includes(text));
    expect(found.map(({ MemorySize }) => MemorySize)).toEqual([memoryMb]);
  }
});

it('knows how many metrics the alarms look at', () => {
  const metrics = ofType(stack, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) => {
    const inExpression = Properties['Metrics'] as readonly { readonly MetricStat?: unknown }[] | undefined;
    return inExpression?.filter(({ MetricStat }) => MetricStat !== undefined) ?? [Properties['MetricName']];
  });
  expect(metrics).toHaveLength(DEPLOYED.alarmMetrics);
});

it('knows what a deployment limits', () => {
  const [stage] = ofType(stack, 'AWS::ApiGatewayV2::Stage');
  expect(stage?.[1].Properties['DefaultRouteSettings']).toMatchObject({
    ThrottlingRateLimit: DEPLOYED.apiRequestsPerSecond,
  });
  for (const [, { Properties }] of ofType(stack, 'AWS::DynamoDB::GlobalTable')) {
    expect(JSON.stringify(Properties)).toContain(
      `"MaxWriteRequestUnits":${DEPLOYED.tableWriteUnitsPerSecond}`,
    );
  }
  for (const [, { Properties }] of ofType(stack, 'AWS::Logs::LogGroup')) {
    expect(Properties['RetentionInDays']).toBe(DEPLOYED.logRetentionDays);
  }
});

it('knows a task of the Kafka gateway, and what scales it', () => {
  const gateway = synthesize(
    {},
    {
      change: (eventLog) => {
        eventLog.addKafkaGateway();
      },
    },
  );
  const [task] = ofType(gateway, 'AWS::ECS::TaskDefinition');
  expect(task?.[1].Properties).toMatchObject({
    ...{ Cpu: String(GATEWAY.processors * 1_024), Memory: String(GATEWAY.memoryGib * 1_024) },
  });
  expect(2 * ofType(gateway, 'AWS::ApplicationAutoScaling::ScalingPolicy').length).toBe(GATEWAY.alarmMetrics);
});
