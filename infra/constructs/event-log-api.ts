// The HTTP API: every route of the application but the event stream, which only a function URL can serve, all behind IAM.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { HTTP_API_TIMEOUT_MS } from '../../lib/http/limits.ts';
import { API_ROUTES } from './api-routes.ts';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { RouteGroup } from '../../lib/http/route.ts';

export interface EventLogApiProps {
  readonly functions: Readonly<Record<RouteGroup, IFunction>>;
  /** Requests a second of all callers together, and how many may come at once. */
  readonly rateLimit: number;
  readonly burstLimit: number;
  readonly logRetention: RetentionDays;
}

/** One line of JSON for each request: who asked for what, and what came of it. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  caller: '$context.identity.userArn',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
});

/** The API and its only stage. */
export class EventLogApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, props: EventLogApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'api', {
      description: 'Wadi',
      createDefaultStage: false,
      defaultAuthorizer: new HttpIamAuthorizer(),
    });
    const logGroup = new LogGroup(this, 'access', {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stage = new HttpStage(this, 'stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: props.rateLimit, burstLimit: props.burstLimit },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    this.#addRoutes(props.functions);
  }

  #addRoutes(functions: EventLogApiProps['functions']): void {
    const integrationOf = (group: RouteGroup) =>
      new HttpLambdaIntegration(group, functions[group], {
        timeout: Duration.millis(HTTP_API_TIMEOUT_MS),
        // One permission for each function: a policy of Lambda has room for 20 KB.
        scopePermissionToRoute: false,
      });
    const integrations = {
      produce: integrationOf('produce'),
      consume: integrationOf('consume'),
      admin: integrationOf('admin'),
    };
    for (const { method, path, group } of API_ROUTES) {
      this.api.addRoutes({ path, methods: [HttpMethod[method]], integration: integrations[group] });
    }
  }
}
