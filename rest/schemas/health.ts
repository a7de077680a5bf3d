import { Type } from 'typebox';
import { nullableInstant, nullableText } from './fields.ts';

/** Answer of GET /health/live. */
export const liveSchema = Type.Object(
  { status: Type.Literal('live') },
  { $id: 'Live', description: 'This process lives.' },
);

/** Answer of GET /health/ready. */
export const readySchema = Type.Object(
  {
    status: Type.Literal('ready'),
    schemaVersion: Type.Integer({ description: 'Version of the schema of the database.' }),
    lastTick: nullableInstant('When pg_cron last ticked; null: not yet, or not to be seen.'),
    lanes: Type.Array(
      Type.Object({
        lane: Type.Integer({ description: 'Number of the lane.' }),
        quarantineReason: nullableText('Why an operator must decide.'),
        quarantinedAt: nullableInstant('Since when.'),
        blockedByPids: Type.Unsafe<number[] | null>({
          type: ['array', 'null'],
          items: { type: 'integer' },
          description: 'Server processes of Postgres whose row locks hold the lane up.',
        }),
      }),
      { description: 'The lanes that stand still.' },
    ),
    relays: Type.Optional(
      Type.Object(
        {
          alive: Type.Integer({ description: 'How many are alive.' }),
          troubled: Type.Array(
            Type.Object({
              relay: Type.String({ description: 'Host and process id.' }),
              trouble: Type.String({
                description: 'What Kafka refuses it until a person mends it.',
              }),
              troubledAt: nullableInstant('Since when.'),
            }),
            { description: 'Those that Kafka refuses: a certificate, a login, an ACL.' },
          ),
        },
        { description: 'The relays; absent before the database knows of them.' },
      ),
    ),
  },
  { $id: 'Ready', description: 'This process can serve requests.' },
);
