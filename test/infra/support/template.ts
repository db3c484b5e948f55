// The template of a stack with an EventLog, made without bundling, and its intrinsic functions resolved to plain text.
import { App, Stack, type Environment } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventLog, type EventLogProps } from '../../../infra/event-log.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Synthesized {
  readonly template: Template;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly eventLog: EventLog;
}

/** An app whose functions are not bundled, which takes seconds. */
export const createApp = (): App =>
  new App({ context: { 'aws:cdk:bundling-stacks': [], '@aws-cdk/aws-iam:minimizePolicies': true } });

export interface SynthesizeOptions {
  /** Called with the stack before it is synthesized: for grants. */
  readonly change?: (eventLog: EventLog, stack: Stack) => void;
  /** Default: any region and account. */
  readonly env?: Environment;
}

export function synthesize(
  props: EventLogProps | ((stack: Stack) => EventLogProps) = {},
  { change, env }: SynthesizeOptions = {},
): Synthesized {
  const stack = new Stack(createApp(), 'Wadi', env && { env });
  const eventLog = new EventLog(stack, 'EventLog', typeof props === 'function' ? props(stack) : props);
  change?.(eventLog, stack);
  const template = Template.fromStack(stack);
  return { template, eventLog, resources: template.toJSON()['Resources'] as Record<string, Resource> };
}

/** The resources of a type, by logical id. */
export const ofType = ({ resources }: Synthesized, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(resources).filter(([, { Type }]) => Type === type);

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * Text and lists as they would be once deployed, where each resource is called by its logical id: `Ref` is the id in lower
 * case, `Fn::GetAtt` of its ARN ends with that.
 */
export function resolve(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name === 'Ref') return PSEUDO[argument as string] ?? nameOf(argument as string);
  if (entries.length === 1 && name === 'Fn::GetAtt') return arnOf((argument as [string, string])[0]);
  if (entries.length === 1 && name === 'Fn::Sub') return (argument as string).replace(/\$\{[^}]*\}/g, 'x');
  if (entries.length === 1 && name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => String(resolve(part))).join(separator);
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, resolve(inner)]));
}

/** What a resource of this logical id is called once deployed: a name that every service takes. */
export const nameOf = (logicalId: string): string => logicalId.toLowerCase();

/** Its ARN, as far as policies look at it. */
export const arnOf = (logicalId: string): string => `arn:${nameOf(logicalId)}`;
