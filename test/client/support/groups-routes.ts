// The routes of groups over any Groups, as the client calls them, in front of the application.
import type { BrokerError } from '../../../lib/base/errors.ts';
import { toBrokerError } from '../../../lib/base/errors.ts';
import type { CommittedPartition, Groups } from '../../../lib/groups/groups.ts';
import { toHttpError } from '../../../lib/http/errors.ts';

/** As `fetch`. */
export type Send = (request: Request) => Promise<Response>;

/** Serves /groups itself, and hands the rest on. */
export function withGroups(groups: Groups, next: Send): Send {
  return async (request) => {
    const [, top, encoded = '', what = ''] = new URL(request.url).pathname.split('/');
    if (top !== 'groups') return next(request);
    const groupId = decodeURIComponent(encoded);
    const text = await request.text();
    const body = (text === '' ? {} : JSON.parse(text)) as never;
    try {
      const answer = await answerTo(groups, `${request.method} ${what}`, groupId, body);
      return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer);
    } catch (error) {
      const answer = toHttpError(toBrokerError(error));
      return Response.json(answer.toBody(), { status: answer.status, headers: answer.headers });
    }
  };
}

async function answerTo(groups: Groups, operation: string, groupId: string, body: never): Promise<unknown> {
  switch (operation) {
    case 'POST heartbeat':
      return groups.consumerGroupHeartbeat({
        ...(body as object),
        groupId,
        clientHost: '/127.0.0.1',
      } as never);
    case 'POST offsets':
      return (await groups.commitOffsets({ ...(body as object), groupId } as never)).map(withErrorBody);
    case 'GET offsets':
      return groups.fetchOffsets({ groupId });
    case 'DELETE offsets': {
      const { partitions } = body as { partitions: [] };
      return (await groups.deleteOffsets(groupId, partitions)).map(withErrorBody);
    }
    case 'DELETE ':
      return groups.deleteGroup(groupId);
    case 'GET ':
      return groupId === '' ? groups.listGroups() : groups.describeGroup(groupId);
    default:
      throw new Error(`no route: ${operation}`);
  }
}

const withErrorBody = ({ topic, partition, error }: CommittedPartition): object => ({
  ...{ topic, partition },
  ...(error !== undefined && { error: bodyOf(error) }),
});

const bodyOf = ({ code, message, outcome }: BrokerError): object => ({ kafka_error: code, message, outcome });
