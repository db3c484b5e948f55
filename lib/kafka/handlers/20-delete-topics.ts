// DeleteTopics: by name, or by id from version 6 on.
import { BrokerError } from '../../base/errors.ts';
import { DELETE_TOPICS } from '../protocol/apis/20-delete-topics.ts';
import { ZERO_UUID } from '../protocol/layout.ts';
import { errorOf, handler, type RequestContext } from './handler.ts';
import { repeatedIn, someAtATime } from './some-at-a-time.ts';
import type { ResponseOf } from '../protocol/schema.ts';

type Answer = ResponseOf<typeof DELETE_TOPICS>['responses'][number];

interface Asked {
  readonly name: string | null;
  readonly topicId: string;
}

/** DeleteTopics. */
export const deleteTopics = handler<typeof DELETE_TOPICS>({
  schema: DELETE_TOPICS,
  handle: async (context, { topics, topicNames }) => {
    const asked = [...topics, ...topicNames.map((name) => ({ name, topicId: ZERO_UUID }))];
    const repeated = repeatedIn(asked.map(keyOf));
    return {
      responses: await someAtATime(asked, (one) => remove(context, one, repeated.has(keyOf(one)))),
    };
  },
});

const keyOf = ({ name, topicId }: Asked): string => `${topicId} ${name ?? ''}`;

async function remove({ broker }: RequestContext, asked: Asked, isRepeated: boolean): Promise<Answer> {
  let { name, topicId } = asked;
  try {
    check(asked, isRepeated);
    if (name === null) {
      const topic = await broker.findTopicById(topicId);
      if (!topic) throw unknownId(topicId);
      ({ name } = topic);
      await broker.deleteTopic(name, topicId);
    } else {
      ({ topicId } = await broker.describeTopic(name));
      await broker.deleteTopic(name);
    }
    return { name, topicId, errorCode: 0, errorMessage: null };
  } catch (error) {
    return { name, topicId, ...errorOf(error) };
  }
}

function check({ name, topicId }: Asked, isRepeated: boolean): void {
  const isNamed = name !== null;
  if (isRepeated)
    throw new BrokerError('INVALID_REQUEST', `topic ${name ?? topicId} is named twice in one request`);
  if (isNamed !== (topicId !== ZERO_UUID)) return;
  const got = isNamed ? `both ${name} and ${topicId}` : 'neither';
  throw new BrokerError('INVALID_REQUEST', `a topic is deleted by its name or by its id, got ${got}`);
}

const unknownId = (topicId: string): BrokerError =>
  new BrokerError('UNKNOWN_TOPIC_ID', `no topic has the id ${topicId}`);
