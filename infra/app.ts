// The app that `cdk deploy` deploys: one stack with an EventLog. Run by itself, it writes the template to cdk.out.
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { WadiStack } from './wadi-stack.ts';

const app = new App({
  outdir: process.env['CDK_OUTDIR'] ?? 'cdk.out',
  context: { '@aws-cdk/aws-iam:minimizePolicies': true },
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new WadiStack(app, (app.node.tryGetContext('stack') as string | undefined) ?? 'Wadi');
app.synth();
