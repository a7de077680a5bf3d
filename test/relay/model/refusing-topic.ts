import { waitFor } from '../../../local/wait.ts';
import { MARKER, producing, withAdmin } from '../../harness/kafka.ts';
import type { Scene } from './scene.ts';

/** bytes of an event that the topic takes only if it is generous */
export const LARGE = 6_000;
const LIMITS = { strict: 3_000, generous: 1_000_000 };
/** ConfigResource.Type */
const TOPIC = 2;

/** Sets whether the topic takes large events, and waits until the broker acts on it. */
export async function makeTopic(scene: Scene, how: keyof typeof LIMITS): Promise<void> {
  const { brokers, topics } = scene;
  const [name = ''] = topics;
  const configEntries = [{ name: 'max.message.bytes', value: String(LIMITS[how]) }];
  await withAdmin(brokers, (admin) =>
    admin.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC, name, configEntries }] }),
  );
  await waitFor(`the topic is ${how}`, 10_000, async () => {
    return (await takes(scene, LARGE)) === (how === 'generous');
  });
}

async function takes({ brokers, topics }: Scene, bytes: number): Promise<boolean> {
  const message = { value: Buffer.alloc(bytes), partition: 0, headers: { [MARKER]: 'size' } };
  try {
    await producing(brokers, (producer) =>
      producer.send({ topic: topics[0] as string, messages: [message] }),
    );
    return true;
  } catch (error) {
    if ((error as { type?: string }).type === 'MESSAGE_TOO_LARGE') return false;
    throw error;
  }
}
