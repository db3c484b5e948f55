// cdk-nag over the app's stack: every rule of AWS Solutions holds, or is excepted with a reason where it is broken.
import { Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, it } from 'vitest';
import { EventLog } from '../../infra/event-log.ts';
import { WadiStack } from '../../infra/wadi-stack.ts';
import { createApp } from './support/template.ts';

function createCheckedApp() {
  const app = createApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

it('finds nothing in the app', () => {
  const app = createCheckedApp();
  new WadiStack(app, 'Wadi');
  expect(() => app.synth()).not.toThrow();
});

it('finds nothing where options are turned off', () => {
  const app = createCheckedApp();
  new EventLog(new Stack(app, 'Stack'), 'EventLog', { alarms: false, reservedConcurrency: {} });
  expect(() => app.synth()).not.toThrow();
});

it('would find what is wrong beside it', () => {
  const app = createCheckedApp();
  const stack = new WadiStack(app, 'Wadi');
  new Bucket(stack, 'open');
  expect(() => app.synth()).toThrow(/Wadi\/open[^]*AwsSolutions-S10/);
});
