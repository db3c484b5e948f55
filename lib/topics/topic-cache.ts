// What a process remembers of topics: it may be old, and a head that turns out to be retired tells so.
import { LRUCache } from 'lru-cache';
import { findTopic } from './find-topics.ts';
import type { Topic } from './topic.ts';
import type { TopicDeps } from './topic-deps.ts';

interface Known {
  readonly topic: Topic;
  readonly readAtMs: number;
}

/** Topics by name, each for `topicCacheMs`. Names without a topic are not remembered: they may be made at any time. */
export class TopicCache {
  readonly #deps: TopicDeps;
  readonly #known: LRUCache<string, Known>;
  readonly #asking = new Map<string, Promise<Topic | undefined>>();

  constructor(deps: TopicDeps) {
    this.#deps = deps;
    this.#known = new LRUCache({ max: deps.limits.topicsCached });
  }

  /** The topic of that name, or undefined. Those who ask at the same time share one read. */
  async find(name: string): Promise<Topic | undefined> {
    const { clock, limits } = this.#deps;
    const known = this.#known.get(name);
    if (known && clock.now() - known.readAtMs < limits.topicCacheMs) return known.topic;
    const asking = this.#asking.get(name) ?? this.#ask(name);
    return asking;
  }

  /** Keeps a topic that was just read or made, and answers it. */
  remember(topic: Topic): Topic {
    this.#known.set(topic.name, { topic, readAtMs: this.#deps.clock.now() });
    return topic;
  }

  /** Forgets a name, and what is being read of it: who asks from now on reads anew. */
  drop(name: string): void {
    this.#known.delete(name);
    this.#asking.delete(name);
  }

  #ask(name: string): Promise<Topic | undefined> {
    const asking = findTopic(this.#deps.items, name)
      .then((topic) => {
        if (topic && this.#asking.get(name) === asking) this.remember(topic);
        return topic;
      })
      .finally(() => {
        if (this.#asking.get(name) === asking) this.#asking.delete(name);
      });
    this.#asking.set(name, asking);
    return asking;
  }
}
